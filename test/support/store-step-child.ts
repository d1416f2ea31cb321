/** A process that migrates, deletes or imports in a profile until it is done or killed: `begin` when it starts, `done` at the end. */
import { writeSync } from 'node:fs';
import { importArchive } from '../../main/service/store/exchange/import.ts';
import { openStore } from '../../main/service/store/open-store.ts';
import { conversationIdSchema } from '../../preload/contract/ids.ts';

const [, , profile, step, subject] = process.argv;
const say = (line: string) => writeSync(1, `${line}\n`);

if (step === 'migrate') say('begin');
const opening = await openStore(profile!);
if (opening.state !== 'ready') throw new Error(opening.state);
const { store } = opening;
if (step !== 'migrate') say('begin');
if (step === 'delete') await store.deleteConversation(conversationIdSchema.parse(subject));
if (step === 'import') await importArchive(store, subject!);
say('done');
store.closeStore();
