/** Addresses of servers: which are taken, in which form, and which are refused. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { hostOf, isAddress, parseAddress } from '../../native-models/remote/server-address.ts';
import { AppError } from '../../preload/contract/errors.ts';

test('an address is brought into one form, with the version in its path', () => {
  const forms: Record<string, string> = {
    'https://gpu.example.org': 'https://gpu.example.org/v1',
    ' https://gpu.example.org:23333/ ': 'https://gpu.example.org:23333/v1',
    'https://gpu.example.org/v1': 'https://gpu.example.org/v1',
    'https://gpu.example.org/v1/chat/completions': 'https://gpu.example.org/v1',
    'https://gpu.example.org/team/v1/models': 'https://gpu.example.org/team/v1',
    'https://gpu.example.org/team//': 'https://gpu.example.org/team/v1',
    'http://localhost:8000': 'http://localhost:8000/v1',
    'http://127.0.0.1:23333': 'http://127.0.0.1:23333/v1',
    'http://[::1]:8000/v1/': 'http://[::1]:8000/v1',
  };
  for (const [typed, form] of Object.entries(forms)) assert.equal(parseAddress(typed), form, typed);
  assert.equal(hostOf('https://gpu.example.org:23333/v1'), 'gpu.example.org:23333');
});

test('http to another machine, names and passwords, and what is no address are refused', () => {
  const refused = [
    'http://gpu.example.org',
    'http://192.168.0.7:23333',
    'http://127.0.0.1.example.org',
    'http://localhost.example.org',
    'https://user:secret@gpu.example.org',
    'https://gpu.example.org/?key=secret',
    'https://gpu.example.org/#secret',
    'ftp://gpu.example.org',
    'file:///etc/passwd',
    'gpu.example.org',
    '',
    `https://${'a'.repeat(600)}.example.org`,
  ];
  for (const typed of refused) {
    assert.throws(
      () => parseAddress(typed),
      (error) =>
        error instanceof AppError && error.code === 'invalid_request' && !error.message.includes('secret'),
      typed,
    );
  }
});

test('a folder is no address', () => {
  assert.ok(isAddress('https://gpu.example.org') && isAddress('HTTP://localhost'));
  assert.ok(!isAddress('models/https') && !isAddress('C:\\models') && !isAddress('InternVL3-78B'));
});
