/** The kill -9 test of migration, deletion and import of test/contract, at 50 points each. */
process.env.KILLS = '50';
await import('../contract/store-kill-steps.test.ts');
