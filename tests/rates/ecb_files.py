"""Files as the European Central Bank publishes them, with few days and currencies."""

import zipfile
from pathlib import Path

# Newest first; a comma ends each line; rub was given up in 2022, isk is quoted again since 2018.
HISTORY = (
    "Date,USD,JPY,GBP,ISK,RUB,\n"
    "2026-11-27,1.0521,163.18,0.8411,145.1,N/A,\n"
    "2026-11-26,1.05,162.4,0.84,N/A,N/A,\n"
    "2022-03-01,1.1162,128.53,0.83335,142,117.201,\n"
    "2018-02-01,1.2459,136.75,0.8771,124.7,69.9695,\n"
    "1999-01-04,1.1789,133.73,0.7111,N/A,N/A,\n"
)
DAILY = "Date, USD, JPY, GBP, \n27 November 2026, 1.0521, 163.18, 0.8411, \n"
XML = """<?xml version="1.0" encoding="UTF-8"?>
<gesmes:Envelope xmlns:gesmes="http://www.gesmes.org/xml/2002-08-01" \
xmlns="http://www.ecb.int/vocabulary/2002-08-01/eurofxref">
  <gesmes:subject>Reference rates</gesmes:subject>
  <gesmes:Sender><gesmes:name>European Central Bank</gesmes:name></gesmes:Sender>
  <Cube>
    <Cube time="2026-11-27">
      <Cube currency="USD" rate="1.0521"/><Cube currency="JPY" rate="163.18"/>
      <Cube currency="GBP" rate="0.8411"/>
    </Cube>
    <Cube time="2026-11-26"><Cube currency="USD" rate="1.05"/></Cube>
  </Cube>
</gesmes:Envelope>
"""


def write(path: Path, text: str = HISTORY) -> Path:
    """Write a file; one whose name ends in .zip holds the text as the bank names it."""
    if path.suffix == ".zip":
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr(f"{path.stem}.csv", text)
    else:
        path.write_text(text, encoding="utf-8")
    return path
