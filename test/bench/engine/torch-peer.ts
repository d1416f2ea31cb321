/** transformers and torch in bf16, in a Python process that stays: `torch_peer.py` beside this file. */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { PeerFiles } from './prepare.ts';
import type { Peer, Row } from './rows.ts';

const program = fileURLToPath(new URL('torch_peer.py', import.meta.url));
/** Layers of the 1B shape and lm_head, two bytes each. */
const bytesPerToken = 2 * (357_898_112 + 151_674 * 896);

export async function openTorch({ python }: PeerFiles): Promise<Peer> {
  const child = spawn(python, [program], { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const nextLine = async () => {
    const { value, done } = await lines.next();
    if (done) throw new Error('The torch process ended; its words stand above.');
    return value as string;
  };
  const description = await nextLine();
  return {
    name: 'torch bf16',
    description,
    settings: [
      {
        name: 'bf16',
        rows: ['vision', 'prefill512', 'prefill3000', 'decode512', 'decode3000'],
        bytesPerToken,
        perplexity: null,
        async measure(row: Row) {
          child.stdin.write(`${row}\n`);
          return Number(await nextLine());
        },
      },
    ],
    close: async () => void child.kill(),
  };
}
