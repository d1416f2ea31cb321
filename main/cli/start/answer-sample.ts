/** Headless shows first that everything works: the app's own sample, asked through the app's own service. */

import type { GenerationPhase } from '../../../preload/contract/generation.ts';
import type { AppClient } from '../../../preload/contract/index.ts';
import type { AppHost } from '../../hosts/app-host.ts';
import { enterAsPage } from '../../hosts/enter-as-page.ts';
import type { Terminal } from '../terminal.ts';

/** Asks in a temporary conversation, so nothing of it is kept. An abort ends it quietly. */
export async function answerSample(
  host: Pick<AppHost, 'attachPage'>,
  { terminal, signal }: { terminal: Terminal; signal: AbortSignal },
): Promise<void> {
  const page = enterAsPage(host);
  try {
    const { samples } = await page.client.listSamples({});
    const sample = samples[0];
    if (!sample) return;
    terminal.say(`The demo model is asked about the sample ${sample.fileName}:\n${sample.question}\n`);
    await streamAnswer(page.client, sample, { terminal, signal });
    terminal.clearStatus();
    terminal.endLine();
  } finally {
    page.leave();
  }
}

const phaseNames: Record<GenerationPhase, string> = {
  queue: 'Waiting…',
  model: 'Preparing the demo model; only the first start takes long…',
  files: 'Opening the picture…',
  vision: 'Looking at the picture…',
  reading: 'Reading the question…',
  writing: 'Answering…',
};

async function streamAnswer(
  client: AppClient,
  sample: { id: string; question: string },
  { terminal, signal }: { terminal: Terminal; signal: AbortSignal },
): Promise<void> {
  const { attachment, name } = await client.addSample({ id: sample.id });
  const conversation = await client.createConversation({ temporary: true });
  try {
    const parts = [
      { type: 'picture' as const, attachmentId: attachment.id, name, detail: 'balanced' as const },
      { type: 'text' as const, text: sample.question },
    ];
    const question = { type: 'question' as const, conversationId: conversation.id, parentId: null, parts };
    for await (const event of client.generateMessage(question, signal)) {
      if (signal.aborted) return;
      if (event.type === 'text') terminal.say(event.text);
      else if (event.type === 'phase') terminal.showStatus(phaseNames[event.phase]);
      else if (event.type === 'end' && event.error) terminal.note(event.error.message);
    }
  } finally {
    await client.deleteConversation({ id: conversation.id }).catch(() => {});
  }
}
