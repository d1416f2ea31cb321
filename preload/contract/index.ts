/** The app's table of contents: every endpoint a page may use. */
import { apiServerContract } from './api-server.ts';
import { attachmentContract } from './attachment-endpoints.ts';
import { conversationContract } from './conversation-endpoints.ts';
import type { Client, Contract, Handlers } from './define.ts';
import { generationContract } from './generation.ts';
import { modelContract } from './models.ts';
import { systemContract } from './system.ts';

export const contract = {
  ...conversationContract,
  ...generationContract,
  ...attachmentContract,
  ...modelContract,
  ...apiServerContract,
  ...systemContract,
} satisfies Contract;

export type AppContract = typeof contract;
export type AppClient = Client<AppContract>;
export type AppHandlers = Handlers<AppContract>;
