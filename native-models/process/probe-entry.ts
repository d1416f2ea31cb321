/** The probe process: tries one device and leaves; what a driver does to it happens to nobody else. */
import './provider-libraries.ts';
import { probeContract } from './probe-contract.ts';
import { serveChild } from './serve-child.ts';

// Not before the first line has run: in a bundle, static imports of packages come before everything.
const { probeHandlers } = await import('./probe-handlers.ts');

serveChild(probeContract, probeHandlers);
