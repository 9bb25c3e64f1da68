"""Values that every room shares and that know no room: money and dates."""
