/** Server-sent events: the answer while it is written; a fault after the first event is one more event. */
import { type ApiFault, faultOf } from './api-error.ts';

export interface ServerEvent {
  /** Name of the event, where the format has names. */
  event?: string;
  /** Sent as JSON, or as it is where it is text. */
  data: unknown;
}

/** Comments keep a connection alive while a long prompt is read. */
const keepAliveMs = 10_000;

/**
 * Waits for the first event before answering, so that a fault until then is an HTTP status.
 * @param ofFault how this format tells a fault in mid-stream
 */
export async function respondWithEvents(
  events: AsyncGenerator<ServerEvent, void, void>,
  ofFault: (fault: ApiFault) => ServerEvent[],
): Promise<Response> {
  const first = await events.next();
  const encoder = new TextEncoder();
  const encode = ({ event, data }: ServerEvent) => {
    const text = typeof data === 'string' ? data : JSON.stringify(data);
    return encoder.encode(`${event === undefined ? '' : `event: ${event}\n`}data: ${text}\n\n`);
  };
  let timer: NodeJS.Timeout | undefined;
  let next: IteratorResult<ServerEvent, void> | null = first;
  const stream = new ReadableStream<Uint8Array>({
    start(controller) {
      timer = setInterval(() => controller.enqueue(encoder.encode(': waiting\n\n')), keepAliveMs);
    },
    async pull(controller) {
      try {
        const result = next ?? (await events.next());
        next = null;
        if (!result.done) return controller.enqueue(encode(result.value));
      } catch (error) {
        for (const event of ofFault(faultOf(error))) controller.enqueue(encode(event));
      }
      clearInterval(timer);
      controller.close();
    },
    async cancel() {
      clearInterval(timer);
      await events.return();
    },
  });
  return new Response(stream, {
    headers: { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-store' },
  });
}
