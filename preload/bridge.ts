/** What the preload script gives the page: frames in and out, and one way to hand over a file. It knows no endpoint. */

/** From the page: opens or cancels a request. `id` is the page's own. */
export type PageFrame =
  /** A stretch of the JSON of `input` too long for one frame: comes before its `open`, which then tells how many. */
  | { kind: 'part'; id: number; payload: string }
  | { kind: 'open'; id: number; payload: { name: string; input: unknown }; parts?: number }
  | { kind: 'cancel'; id: number };

/** To the page: a stream's event or a call's answer, a fault (last), or the end (last). */
export type HostFrame =
  | { kind: 'part'; id: number; payload: string }
  | { kind: 'value'; id: number; payload: unknown; parts?: number }
  | { kind: 'error'; id: number; payload: { code: string; message: string; retryable: boolean } }
  | { kind: 'end'; id: number };

export interface Bridge {
  post(frame: PageFrame): void;
  /** Returns how to stop listening. */
  onFrame(listener: (frame: HostFrame) => void): () => void;
  /** An upload's id for a file that lies on the disk; null for one that does not (pasted): PUT its bytes to `upload`. */
  offerFile(file: unknown): Promise<string | null>;
}
