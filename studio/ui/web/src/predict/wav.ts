const HEADER_BYTES = 44;
const FULL_SCALE = 32768;

/** A WAV file in 16-bit PCM, of one channel: the mean of the given ones. */
export function wavOf(channels: readonly Float32Array[], rate: number): ArrayBuffer {
  const count = Math.min(...channels.map((channel) => channel.length));
  const samples = channels.length > 0 ? count : 0;
  const file = new ArrayBuffer(HEADER_BYTES + 2 * samples);
  const view = new DataView(file);
  const text = (place: number, words: string) => {
    for (let index = 0; index < words.length; index++) view.setUint8(place + index, words.charCodeAt(index));
  };
  text(0, "RIFF");
  view.setUint32(4, file.byteLength - 8, true);
  text(8, "WAVEfmt ");
  view.setUint32(16, 16, true);
  view.setUint16(20, 1, true); // PCM
  view.setUint16(22, 1, true);
  view.setUint32(24, Math.round(rate), true);
  view.setUint32(28, 2 * Math.round(rate), true);
  view.setUint16(32, 2, true);
  view.setUint16(34, 16, true);
  text(36, "data");
  view.setUint32(40, 2 * samples, true);
  for (let index = 0; index < samples; index++) {
    let sum = 0;
    for (const channel of channels) sum += channel[index] ?? 0;
    const value = Math.round((sum / channels.length) * FULL_SCALE);
    view.setInt16(HEADER_BYTES + 2 * index, Math.max(-FULL_SCALE, Math.min(FULL_SCALE - 1, value)), true);
  }
  return file;
}
