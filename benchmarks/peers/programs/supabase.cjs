// Supabase's sync engine, told to read three resources: `node supabase.cjs BASE MODULES SOCKET`.
// Its Stripe client takes no base address, so that one is replaced by a client that has it.
const { createRequire } = require("node:module");

const [base, modules, host] = process.argv.slice(2);
const load = createRequire(`${modules}/`);
const { StripeSync, runMigrations } = load("@supabase/stripe-sync-engine");
const Stripe = load("stripe");
const address = new URL(base);
const user = "postgres";
const key = process.env.STRIPE_API_KEY;

async function main() {
  await runMigrations({
    databaseUrl: `postgres://${user}@/postgres?host=${host}`,
    schema: "stripe",
    // Without a logger it keeps silent about a migration that fails.
    logger: { info() {}, error: console.error },
  });
  const sync = new StripeSync({
    poolConfig: { host, user, database: "postgres", max: 10 },
    stripeSecretKey: key,
    stripeWebhookSecret: "whsec_unused",
    autoExpandLists: true,
  });
  sync.stripe = new Stripe(key, {
    host: address.hostname,
    port: address.port,
    protocol: "http",
    apiVersion: "2022-11-15",
  });
  for (const object of ["customer", "invoice", "subscription"]) {
    console.log(await sync.syncBackfill({ object }));
  }
}

main().then(
  () => process.exit(0),
  (error) => {
    console.error(error);
    process.exit(1);
  },
);
