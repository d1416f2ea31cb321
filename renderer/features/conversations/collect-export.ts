/** Gathers an export that comes in pieces into one file. */

export type ExportEvent =
  | { type: 'header'; fileName: string; mediaType: string }
  | { type: 'piece'; bytes: Uint8Array };

export interface ExportedFile {
  fileName: string;
  blob: Blob;
}

/** Pieces become a Blob of this size at once: what a Blob holds, the browser may keep on the disk. */
const batchBytes = 8 * 1024 * 1024;

/**
 * @param onProgress bytes so far
 * @throws Error when the stream ends without a header
 */
export async function collectExport(
  events: AsyncIterable<ExportEvent>,
  onProgress: (sizeBytes: number) => void,
): Promise<ExportedFile> {
  let header: Extract<ExportEvent, { type: 'header' }> | null = null;
  const batches: Blob[] = [];
  let pieces: Uint8Array<ArrayBuffer>[] = [];
  let waitingBytes = 0;
  let sizeBytes = 0;
  for await (const event of events) {
    if (event.type === 'header') {
      header = event;
      continue;
    }
    pieces.push(event.bytes as Uint8Array<ArrayBuffer>);
    waitingBytes += event.bytes.byteLength;
    sizeBytes += event.bytes.byteLength;
    if (waitingBytes >= batchBytes) {
      batches.push(new Blob(pieces));
      pieces = [];
      waitingBytes = 0;
    }
    onProgress(sizeBytes);
  }
  if (header === null) throw new Error('The export ended before it began.');
  return {
    fileName: header.fileName,
    blob: new Blob([...batches, ...pieces], { type: header.mediaType }),
  };
}
