/** Partyline's sign: a dial whose holes are the stations of a line, one of them talking. */
export function Emblem() {
  const holes = Array.from({ length: 8 }, (_, position) => {
    const angle = ((position * 45 - 45) * Math.PI) / 180;
    return { position, x: 32 + 20 * Math.cos(angle), y: 32 + 20 * Math.sin(angle) };
  });
  return (
    <svg className="emblem" viewBox="0 0 64 64" aria-hidden="true">
      {holes.map(({ position, x, y }) => (
        <circle key={position} className={position === 0 ? 'talking' : 'silent'} cx={x} cy={y} r="5.6" />
      ))}
    </svg>
  );
}
