/** How far a visual token moved the position of an answer's prompt. Never edited once released. */
import type { Migration } from './migration.ts';

export const positionStep: Migration = {
  number: 5,
  name: 'position-step',
  sql: `
    -- V2PE's δ; null without pictures, and where nobody told it.
    ALTER TABLE generation ADD COLUMN position_step REAL;
  `,
};
