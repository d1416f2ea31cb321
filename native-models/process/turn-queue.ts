/** Who may use the one loaded model now, alone or beside others: first come, first served, and who waits is told so. */

/** Says that a request is waiting, and behind how many. */
export interface WaitingEvent {
  type: 'waiting';
  ahead: number;
}

interface Ticket {
  shared: boolean;
  wake: () => void;
}

export interface TurnQueue {
  /**
   * Waits for the turn, with an event at once and then every `reportEveryMs`, since a silent request looks like a hang.
   * @param options.shared this turn may overlap with other shared ones; nobody overtakes one who wants to be alone
   * @returns the function that gives the turn up, or null when the signal was aborted first
   */
  waitForTurn(
    signal: AbortSignal,
    options?: { shared: boolean },
  ): AsyncGenerator<WaitingEvent, (() => void) | null, void>;
}

/** @param reportEveryMs default 5 s, half of the shortest silence a supervisor takes for a hang */
export function createTurnQueue(reportEveryMs = 5000): TurnQueue {
  const tickets: Ticket[] = []; // the first one holds the turn, beside it those after it that share
  const mayGo = (ticket: Ticket) =>
    tickets.slice(0, tickets.indexOf(ticket) + 1).every(({ shared }) => shared) || tickets[0] === ticket;

  return {
    async *waitForTurn(signal, { shared } = { shared: false }) {
      const ticket: Ticket = { shared, wake: () => {} };
      const leave = () => {
        const position = tickets.indexOf(ticket);
        if (position >= 0) tickets.splice(position, 1);
        for (const other of tickets) if (mayGo(other)) other.wake();
      };
      tickets.push(ticket);
      let granted = false;
      try {
        while (!mayGo(ticket) && !signal.aborted) {
          yield { type: 'waiting', ahead: tickets.indexOf(ticket) };
          if (!mayGo(ticket)) await untilWoken(ticket, signal, reportEveryMs);
        }
        granted = !signal.aborted;
        return granted ? leave : null;
      } finally {
        if (!granted) leave();
      }
    },
  };
}

function untilWoken(ticket: { wake: () => void }, signal: AbortSignal, afterMs: number): Promise<void> {
  return new Promise((resolve) => {
    const wake = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', wake);
      ticket.wake = () => {};
      resolve();
    };
    const timer = setTimeout(wake, afterMs);
    signal.addEventListener('abort', wake, { once: true });
    ticket.wake = wake;
    if (signal.aborted) wake();
  });
}
