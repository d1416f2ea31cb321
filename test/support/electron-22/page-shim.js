/** What pages may use in Electron 45 and Chromium 108 lacks, for tests alone. */
const newer = {
  with(at, value) {
    const copy = [...this];
    copy[at < 0 ? copy.length + at : at] = value;
    return copy;
  },
  toSpliced(...args) {
    const copy = [...this];
    copy.splice(...args);
    return copy;
  },
  toSorted(compare) {
    return [...this].sort(compare);
  },
  toReversed() {
    return [...this].reverse();
  },
};
for (const [name, value] of Object.entries(newer)) {
  if (!(name in Array.prototype)) Object.defineProperty(Array.prototype, name, { value, writable: true });
}

URL.canParse ??= (address, base) => {
  try {
    return new URL(address, base) instanceof URL;
  } catch {
    return false;
  }
};

AbortSignal.any ??= (signals) => {
  const either = new AbortController();
  for (const signal of signals) {
    if (signal.aborted) either.abort(signal.reason);
    signal.addEventListener('abort', () => either.abort(signal.reason));
  }
  return either.signal;
};
