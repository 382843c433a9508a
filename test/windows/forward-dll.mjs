/**
 * Writes a DLL (PE32+) without code, whose one export forwards: `ProcessPrng` of bcryptprimitives.dll to `SystemFunction036` of
 * ADVAPI32.dll, which is RtlGenRandom. For Wine 8, which lacks it.
 */
import { writeFileSync } from 'node:fs';

const SECTION = { offset: 0x200, address: 0x1000 };
const image = Buffer.alloc(0x400);

image.write('MZ', 0);
image.writeUInt32LE(0x40, 0x3c);
image.write('PE\0\0', 0x40, 'latin1');
// COFF header: x64, one section, a DLL with large addresses.
image.writeUInt16LE(0x8664, 0x44);
image.writeUInt16LE(1, 0x46);
image.writeUInt16LE(240, 0x54);
image.writeUInt16LE(0x2022, 0x56);
// Optional header: image base, alignments, versions, sizes, subsystem, stack and heap, the export directory.
const optional = 0x58;
image.writeUInt16LE(0x20b, optional);
image.writeUInt8(14, optional + 2);
image.writeUInt32LE(0x200, optional + 8);
image.writeUInt32LE(SECTION.address, optional + 20);
image.writeBigUInt64LE(0x180000000n, optional + 24);
image.writeUInt32LE(0x1000, optional + 32);
image.writeUInt32LE(0x200, optional + 36);
image.writeUInt16LE(6, optional + 40);
image.writeUInt16LE(6, optional + 48);
image.writeUInt32LE(0x2000, optional + 56);
image.writeUInt32LE(0x200, optional + 60);
image.writeUInt16LE(2, optional + 68);
image.writeUInt16LE(0x160, optional + 70);
image.writeBigUInt64LE(0x100000n, optional + 72);
image.writeBigUInt64LE(0x1000n, optional + 80);
image.writeBigUInt64LE(0x100000n, optional + 88);
image.writeBigUInt64LE(0x1000n, optional + 96);
image.writeUInt32LE(16, optional + 108);
image.writeUInt32LE(SECTION.address, optional + 112);
image.writeUInt32LE(0x200, optional + 116);
const section = optional + 240;
image.write('.edata', section);
image.writeUInt32LE(0x200, section + 8);
image.writeUInt32LE(SECTION.address, section + 12);
image.writeUInt32LE(0x200, section + 16);
image.writeUInt32LE(SECTION.offset, section + 20);
image.writeUInt32LE(0x40000040, section + 36);
// Export directory: one function, one name, its forwarder.
const { offset, address } = SECTION;
for (const [at, text] of [
  [0x80, 'bcryptprimitives.dll'],
  [0xa0, 'ProcessPrng'],
  [0xc0, 'ADVAPI32.SystemFunction036'],
]) {
  image.write(`${text}\0`, offset + at, 'latin1');
}
image.writeUInt32LE(address + 0x80, offset + 12);
for (const at of [16, 20, 24]) image.writeUInt32LE(1, offset + at);
for (const [at, target] of [
  [28, 0x40],
  [32, 0x48],
  [36, 0x50],
  [0x40, 0xc0],
  [0x48, 0xa0],
]) {
  image.writeUInt32LE(address + target, offset + at);
}
writeFileSync(process.argv[2], image);
