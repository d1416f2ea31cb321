/** What the service and the command line know of servers without asking the engine: addresses, and what a server says of itself. */
export { describeServer, type ServedModel, type ServerDescription } from '../remote/describe-server.ts';
export { gapsInWords, serverAbilities } from '../remote/server-abilities.ts';
export { hostOf, isAddress, parseAddress } from '../remote/server-address.ts';
