/** What the tests run inside the page; each function is sent there as text, so it stands alone. */

interface Bridge<Frame> {
  post(frame: unknown): void;
  onFrame(listener: (frame: Frame) => void): () => void;
}

/** As much of a page's world as is used here; the tests themselves have none. */
declare const window: object;
declare const open: (address: string) => unknown;
declare const location: { href: string };
declare const document: {
  createElement(name: string): { textContent: string };
  body: { append(element: unknown): void };
};

export async function lookAround() {
  const page = await fetch('/');
  const scope = globalThis as Record<string, unknown>;
  return {
    policy: page.headers.get('content-security-policy'),
    bridge: Object.keys(scope.bridge as object).sort(),
    node: ['require', 'process', 'module', 'Buffer', 'global'].filter((name) => scope[name] !== undefined),
  };
}

export async function tryForbidden() {
  const scope = globalThis as Record<string, unknown>;
  const script = document.createElement('script');
  script.textContent = 'globalThis.inlineRan = true';
  document.body.append(script);
  // A script that a test sends may eval while it is run for the first time; the page itself never may.
  await new Promise((resolve) => setTimeout(resolve, 10));
  let evaluated: unknown = 'refused';
  try {
    evaluated = new Function('return 2')();
  } catch {
    // as it should be
  }
  const fetched = await fetch('https://example.org/').then(
    () => 'fetched',
    () => 'refused',
  );
  return { inline: scope.inlineRan === true, evaluated, fetched };
}

export function tryToLeave(): void {
  open('https://example.org/window');
  open('smb://evil/share');
  open('file:///etc/passwd');
  location.href = 'https://example.org/navigation';
}

/** All values that a request is answered with, over the bridge; runs in the page. */
export function ask([name, input]: readonly [string, unknown]): Promise<unknown[]> {
  type Frame = { id: number; kind: string; payload: unknown };
  const { bridge } = window as { bridge: Bridge<Frame> };
  const id = Math.floor(1e9 + Math.random() * 1e9);
  return new Promise((resolve, reject) => {
    const values: unknown[] = [];
    const leave = bridge.onFrame((frame) => {
      if (frame.id !== id) return;
      if (frame.kind === 'value') return void values.push(frame.payload);
      leave();
      if (frame.kind === 'end') resolve(values);
      else reject(new Error(JSON.stringify(frame.payload)));
    });
    bridge.post({ kind: 'open', id, payload: { name, input } });
  });
}

/** Asks for a long answer, stops it at its first phase, and gives how it ended; runs in the page. */
export function askAndStop(): Promise<{ state: string }> {
  type Frame = {
    id: number;
    kind: string;
    payload: { type?: string; id?: string; message?: { id: string; state: string } };
  };
  const { bridge } = window as { bridge: Bridge<Frame> };
  const first = Math.floor(2e9 + Math.random() * 1e9);
  return new Promise((resolve, reject) => {
    bridge.onFrame(({ id, kind, payload }) => {
      if (kind === 'error' && id >= first && id < first + 3) reject(new Error(JSON.stringify(payload)));
      if (id === first && kind === 'value') {
        const parts = [{ type: 'text', text: 'Tell me a long story about a lighthouse.' }];
        const input = { type: 'question', conversationId: payload.id, parentId: null, parts };
        bridge.post({ kind: 'open', id: first + 1, payload: { name: 'generateMessage', input } });
      }
      if (id !== first + 1 || kind !== 'value') return;
      if (payload.type === 'answer')
        bridge.post({
          kind: 'open',
          id: first + 2,
          payload: { name: 'stopAnswer', input: { messageId: payload.message?.id } },
        });
      if (payload.type === 'end' && payload.message) resolve(payload.message);
    });
    bridge.post({ kind: 'open', id: first, payload: { name: 'createConversation', input: {} } });
  });
}
