/** What a question that is still being written asks for besides words. Never edited once released. */
import type { Migration } from './migration.ts';

export const draftTask: Migration = {
  number: 6,
  name: 'draft-task',
  sql: `
    -- The contract's task; null for most.
    ALTER TABLE draft ADD COLUMN task TEXT CHECK (json_valid(task));
  `,
};
