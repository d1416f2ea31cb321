/** Electron 45's names on Electron 22, for tests alone: what is newer than the stand-in, in terms of what it has. */
import { Readable } from 'node:stream';
import { ReadableStream } from 'node:stream/web';
import * as real from 'electron-22-itself';

type Handler = (request: unknown) => Promise<ShimResponse>;

class ShimHeaders {
  readonly entries: Map<string, string>;
  constructor(init: Record<string, string> = {}) {
    this.entries = new Map(Object.entries(init).map(([name, value]) => [name.toLowerCase(), value]));
  }
  get(name: string): string | null {
    return this.entries.get(name.toLowerCase()) ?? null;
  }
}

class ShimResponse {
  readonly body: string | ReadableStream<Uint8Array>;
  readonly status: number;
  readonly headers: Record<string, string>;
  constructor(
    body: string | ReadableStream<Uint8Array>,
    init: { status: number; headers: Record<string, string> },
  ) {
    this.body = body;
    this.status = init.status;
    this.headers = init.headers;
  }
}

const newer = {
  ReadableStream,
  Response: ShimResponse,
};
for (const [name, value] of Object.entries(newer)) {
  if (!(name in globalThis)) Object.assign(globalThis, { [name]: value });
}
URL.canParse ??= (address: string | URL) => {
  try {
    return new URL(address) instanceof URL;
  } catch {
    return false;
  }
};

interface OldRequest {
  url: string;
  method: string;
  headers: Record<string, string>;
  uploadData?: { bytes?: Buffer; blobUUID?: string; file?: string }[];
}

async function* readUpload({ uploadData }: OldRequest): AsyncGenerator<Uint8Array> {
  for (const { bytes, blobUUID } of uploadData ?? []) {
    if (bytes) yield bytes;
    if (blobUUID) yield await real.session.defaultSession.getBlobData(blobUUID);
  }
}

/** The old protocol takes a stream of bytes, not of objects. */
function toBytes(body: string | ReadableStream<Uint8Array>): Readable {
  const pieces = typeof body === 'string' ? [Buffer.from(body)] : body;
  return Readable.from(pieces, { objectMode: false });
}

const protocol = {
  registerSchemesAsPrivileged: (schemes: unknown[]) => real.protocol.registerSchemesAsPrivileged(schemes),
  handle(scheme: string, handler: Handler) {
    real.protocol.registerStreamProtocol(scheme, (request: OldRequest, answer: (answer: unknown) => void) => {
      const asked = {
        url: request.url,
        method: request.method,
        headers: new ShimHeaders(request.headers),
        body: readUpload(request),
        signal: new AbortController().signal,
      };
      void handler(asked).then(({ status, headers, body }) =>
        answer({ statusCode: status, headers, data: toBytes(body) }),
      );
    });
  },
};

/** The tests run as root too, where the sandbox that the product always asks for does not start. */
const app = new Proxy(real.app ?? {}, {
  get(target, name) {
    if (name === 'enableSandbox') return () => {};
    const value: unknown = Reflect.get(target, name);
    return typeof value === 'function' ? value.bind(target) : value;
  },
});

// Named one by one: a module whose names are computed can't be bundled.
export const {
  BrowserWindow,
  desktopCapturer,
  dialog,
  globalShortcut,
  ipcMain,
  Menu,
  nativeImage,
  Notification,
  powerSaveBlocker,
  safeStorage,
  screen,
  session,
  shell,
  systemPreferences,
  Tray,
  utilityProcess,
} = real;
export { app, protocol };
