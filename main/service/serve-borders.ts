/** Serves the app's contract to pages and the host's to the host, over one line, until the host says `shutdown`. */
import type { ChildPort } from '../../native-models/process/child-port.ts';
import { processHandlers } from '../../native-models/process/process-contract.ts';
import { serveContract } from '../../native-models/process/serve-contract.ts';
import { contract } from '../../preload/contract/index.ts';
import { composeService, type ServiceOptions } from './compose.ts';
import { hostContract } from './host-contract.ts';
import { lateHandlers } from './late-handlers.ts';
import { logFault } from './log-fault.ts';
import { splitPort } from './split-port.ts';

/** The host names every sender: `page-<n>` is a page, `host` is itself. */
const isPage = (sender: string) => sender.startsWith('page-');
const isHost = (sender: string) => sender === 'host';

export function serveBorders(port: ChildPort, options: Omit<ServiceOptions, 'port'>): void {
  const split = splitPort(port);
  const service = composeService({ ...options, port: split });
  service.catch(logFault); // told to everybody who asks, too
  const appHandlers = lateHandlers(
    contract,
    service.then((composed) => composed.appHandlers),
  );
  const hostHandlers = lateHandlers(
    hostContract,
    service.then((composed) => composed.hostHandlers),
  );
  const onFault = { onFault: logFault };
  const servers = [
    serveContract(contract, appHandlers, split.lineTo(isPage), onFault),
    // The host asks this again and again, to tell work from a hang.
    serveContract(hostContract, { ...hostHandlers, ...processHandlers }, split.lineTo(isHost), onFault),
  ];
  split.start();

  port.onFrame((frame) => {
    if (frame.kind === 'shutdown') void leave();
  });

  async function leave(): Promise<void> {
    try {
      await (await service).close();
      await Promise.all(servers.map((server) => server.drain()));
      await port.flush();
    } finally {
      process.exit(0);
    }
  }
}
