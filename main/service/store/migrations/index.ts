/** All steps in order; a fresh database runs every one. */
import { conversations } from './0001-conversations.ts';
import { search } from './0002-search.ts';
import { context } from './0003-context.ts';
import { waysOfAsking } from './0004-ways-of-asking.ts';
import { positionStep } from './0005-position-step.ts';
import { draftTask } from './0006-draft-task.ts';
import type { Migration } from './migration.ts';

export const migrations: readonly Migration[] = [
  conversations,
  search,
  context,
  waysOfAsking,
  positionStep,
  draftTask,
];
