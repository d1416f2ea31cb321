/** Thinking mode, what a question asks for besides words, and which of several answers was chosen. Never edited once released. */
import type { Migration } from './migration.ts';

export const waysOfAsking: Migration = {
  number: 4,
  name: 'ways-of-asking',
  sql: `
    ALTER TABLE conversation ADD COLUMN thinking INTEGER NOT NULL DEFAULT 0 CHECK (thinking IN (0, 1));
    ALTER TABLE generation ADD COLUMN thinking_ms REAL;
    -- The contract's task of a question and choice of an answer; null for most.
    ALTER TABLE message ADD COLUMN task TEXT CHECK (json_valid(task));
    ALTER TABLE message ADD COLUMN choice TEXT CHECK (json_valid(choice));
  `,
};
