import { describe, expect, it } from 'vitest';
import { shared } from './shared.js';

describe('a value of several cells', () => {
  it('is made once for all lines that have the same cells in these places', () => {
    let made = 0;
    const read = shared([2, 0], (row) => ({ text: row.join(' '), number: (made += 1) }));
    const one = read(['a', '1', 'x']);
    expect(read(['a', '2', 'x'])).toBe(one);
    expect(read(['b', '1', 'x'])).toEqual({ text: 'b 1 x', number: 2 });
    expect(read(['a', '1', 'y'])).toEqual({ text: 'a 1 y', number: 3 });
    expect(read([null, '1', 'x'])).toEqual({ text: ' 1 x', number: 4 });
    expect(read(['a', '3', 'x'])).toBe(one);
  });

  it('is right however many there are, and however much alike', () => {
    const read = shared([0, 1], (row) => row.join(' '));
    for (let pass = 0; pass < 2; pass += 1) {
      for (let value = 0; value < 20_000; value += 1) {
        expect(read([null, `${value}`])).toBe(` ${value}`);
        expect(read([`${value}`, 'same'])).toBe(`${value} same`);
      }
    }
  });

  it('is not remembered of a line that cannot be read', () => {
    const read = shared([0], ([cell]) => {
      if (cell === 'bad') throw new Error('unreadable');
      return cell;
    });
    for (let time = 0; time < 2; time += 1) expect(() => read(['bad'])).toThrow('unreadable');
    expect(read(['good'])).toBe('good');
  });
});
