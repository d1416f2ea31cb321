/** Answers that are being written, outside any component: a change of conversation loses none, and only who looks redraws. */
import { splitThinking } from '../../../native-models/text/thinking-parser.ts';
import type { Message } from '../../../preload/contract/conversations.ts';
import type { AppErrorReport } from '../../../preload/contract/errors.ts';
import type {
  GenerationEvent,
  GenerationPhase,
  GenerationRequest,
} from '../../../preload/contract/generation.ts';
import type { MessageId } from '../../../preload/contract/ids.ts';
import type { AppClient } from '../../../preload/contract/index.ts';

export interface LiveAnswer {
  readonly message: Message;
  /** All of it so far. */
  readonly text: string;
  readonly phase: { name: GenerationPhase; done: number; total: number } | null;
  /** Which of several answers it is, that one is chosen from. */
  readonly candidate: { number: number; of: number } | null;
}

/** What a conversation's view must hear of. */
export interface AnswerListener {
  onQuestion(message: Message): void;
  onAnswer(message: Message): void;
  onEnd(message: Message, error: AppErrorReport | null): void;
  onContext(firstKeptId: MessageId, droppedMessages: number): void;
}

export interface LiveAnswers {
  /** Asks; resolves once the answer has begun, and goes on by itself. @throws AppError where it could not begin */
  generate(request: GenerationRequest, listener: AnswerListener): Promise<void>;
  /** Joins an answer that somebody else began. Does nothing for one that is followed already. */
  join(messageId: MessageId, listener: AnswerListener): void;
  get(messageId: MessageId): LiveAnswer | null;
  subscribe(messageId: MessageId, listener: () => void): () => void;
}

/** Text is shown at most this often: faster than reading, slower than drawing a frame. */
const showEveryMs = 40;

type Api = Pick<AppClient, 'generateMessage' | 'watchAnswer'>;

export function createLiveAnswers(api: Api): LiveAnswers {
  const answers = new Map<MessageId, LiveAnswer>();
  const listeners = new Map<MessageId, Set<() => void>>();
  const waiting = new Set<MessageId>();

  const tell = (id: MessageId) => {
    for (const listener of listeners.get(id) ?? []) listener();
  };
  const change = (id: MessageId, part: Partial<LiveAnswer>) => {
    const answer = answers.get(id);
    if (!answer) return;
    answers.set(id, { ...answer, ...part });
    if (waiting.has(id)) return;
    waiting.add(id);
    setTimeout(() => {
      waiting.delete(id);
      tell(id);
    }, showEveryMs);
  };

  /** Follows one stream to its end. `begun` is told when the answer exists. */
  async function follow(
    events: AsyncIterable<GenerationEvent>,
    listener: AnswerListener,
    begun: () => void,
  ): Promise<void> {
    let id: MessageId | null = null;
    try {
      for await (const event of events) {
        if (event.type === 'question') listener.onQuestion(event.message);
        else if (event.type === 'context') listener.onContext(event.firstKeptId, event.droppedMessages);
        else if (event.type === 'answer') {
          id = event.message.id;
          answers.set(id, {
            message: event.message,
            text: textOf(event.message),
            phase: null,
            candidate: null,
          });
          listener.onAnswer(event.message);
          begun();
        } else if (event.type === 'end') {
          if (id) answers.delete(id);
          listener.onEnd(event.message, event.error);
        } else if (id && event.type === 'phase') {
          change(id, { phase: { name: event.phase, done: event.done, total: event.total } });
        } else if (id && event.type === 'candidate') {
          change(id, { candidate: { number: event.number, of: event.of } });
        } else if (id && event.type === 'text') {
          change(id, { text: (answers.get(id)?.text ?? '') + event.text });
        }
      }
    } finally {
      if (id) {
        answers.delete(id);
        tell(id);
      }
    }
  }

  return {
    generate(request, listener) {
      return new Promise((resolve, reject) => {
        follow(api.generateMessage(request), listener, resolve).then(resolve, reject);
      });
    },
    join(messageId, listener) {
      if (answers.has(messageId)) return;
      // Where the stream breaks, the conversation is read again and tells what became of the answer.
      follow(api.watchAnswer({ messageId }), listener, () => {}).catch(() => {});
    },
    get: (messageId) => answers.get(messageId) ?? null,
    subscribe(messageId, listener) {
      const known = listeners.get(messageId) ?? new Set();
      known.add(listener);
      listeners.set(messageId, known);
      return () => {
        known.delete(listener);
        if (known.size === 0) listeners.delete(messageId);
      };
    },
  };
}

export function textOf(message: Pick<Message, 'parts'>): string {
  return message.parts.map((part) => (part.type === 'text' ? part.text : '')).join('');
}

/** An answer without its thoughts; of one that never came to an answer, the thoughts are all there is. */
export function wordsToCopy(message: Pick<Message, 'parts' | 'role'>): string {
  const text = textOf(message);
  if (message.role === 'user') return text;
  const { thought, isOpen, answer } = splitThinking(text);
  return isOpen ? (thought ?? '').trim() : answer;
}
