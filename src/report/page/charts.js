// Draws the panels of a page over one time axis: hover, zoom, keyboard. Without it the page shows the pictures that it
// holds for print.
'use strict';
(() => {
  const UNITS = [[86400, 'd'], [3600, 'h'], [60, 'min'], [1, 's']];
  const STEPS = [0.001, 0.01, 0.1, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400, 172800, 604800];
  const colour = name => getComputedStyle(document.documentElement).getPropertyValue('--' + name).trim();

  // Times in one unit, in which a step is a short number: `30 min`.
  const time = step => {
    const [size, unit] = UNITS.find(([size]) => step >= size) || UNITS[3];
    return seconds => seconds === 0 ? '0' : +(seconds / size).toFixed(3) + ' ' + unit;
  };
  // A time with every unit, for the cursor: `1 h 03 min 20 s`.
  const exact = seconds => {
    let rest = Math.round(seconds * 1000) / 1000;
    const parts = [];
    for (const [size, unit] of UNITS) {
      const whole = size === 1 ? +rest.toFixed(3) : Math.floor(rest / size);
      rest -= whole * size;
      if (whole || (size === 1 && !parts.length)) parts.push(whole + ' ' + unit);
    }
    return parts.join(' ');
  };
  const short = value => {
    const [size, suffix] = value >= 1e6 ? [1e6, 'M'] : value >= 1e4 ? [1e3, 'k'] : [1, ''];
    return +(value / size).toPrecision(4) + suffix;
  };

  // White lines over a colour, so that it is told apart without colours.
  const hatching = (context, ink) => {
    const tile = document.createElement('canvas');
    const size = tile.width = tile.height = Math.round(8 * devicePixelRatio);
    const pen = tile.getContext('2d');
    pen.fillStyle = ink;
    pen.fillRect(0, 0, size, size);
    pen.strokeStyle = colour('paper');
    pen.lineWidth = 1.5 * devicePixelRatio;
    pen.beginPath();
    for (const shift of [-size, 0, size]) {
      pen.moveTo(shift - 1, size + 1);
      pen.lineTo(shift + size + 1, -1);
    }
    pen.stroke();
    return context.createPattern(tile, 'repeat');
  };

  // Layers on top of each other: the sums from the bottom up.
  const piled = layers => {
    let below = null;
    return layers.map(({values}) => below = values.map((value, i) => value + (below ? below[i] : 0)));
  };

  const optionsOf = (panel, width, end, plots, group) => {
    const height = panel.height;
    const count = panel.layers.length;
    const stepped = uPlot.paths.stepped({align: 1});
    const held = values => [...values, values[values.length - 1]];
    // Sums go from the top down, so that each layer is painted over the one above it.
    const order = panel.layers.map((_, i) => count - 1 - i);
    const sums = piled(panel.layers);
    const raw = order.map(i => held(panel.layers[i].values));
    const told = values => (_, __, ___, place) => place == null ? '–' : short(values[place]);
    const series = order.map((i, place) => {
      const layer = panel.layers[i];
      const ink = colour(layer.ink);
      return {
        label: layer.name, paths: stepped, width: 0, points: {show: false}, value: told(raw[place]),
        fill: u => layer.hatched ? hatching(u.ctx, ink) : ink,
      };
    });
    const data = order.map(i => held(sums[i]));
    if (panel.line) {
      const values = held(panel.line.values);
      series.push({label: panel.line.name, paths: stepped, width: 1.5, points: {show: false}, stroke: () => colour('text'), value: told(values)});
      data.push(values);
    }
    const axis = {stroke: () => colour('axis'), font: '12px ' + getComputedStyle(document.body).fontFamily, ticks: {show: false}};
    const grid = show => ({show, stroke: () => colour('grid'), width: 1});
    const options = {
      width, height, series: [{label: 'at', value: (_, value) => value == null ? '–' : exact(value)}, ...series],
      scales: {
        x: {time: false, range: (_, low, high) => [Math.max(0, low), Math.min(end, high)]},
        y: {range: (_, low, high) => [0, high > 0 ? high * 1.04 : 1]},
      },
      axes: [
        {...axis, grid: grid(false), incrs: STEPS, space: 70, size: 28, values: (_, ticks, __, ___, step) => ticks.map(time(step))},
        {...axis, grid: grid(true), size: 52, space: 36, values: (_, ticks) => ticks.map(short)},
      ],
      cursor: {sync: {key: group}, y: false, drag: {x: true, y: false, setScale: true}, points: {show: false}},
      hooks: {
        setScale: [(u, key) => {
          if (key !== 'x' || plots.busy) return;
          plots.busy = true;
          plots.forEach(other => other !== u && other.setScale('x', {min: u.scales.x.min, max: u.scales.x.max}));
          plots.busy = false;
        }],
      },
    };
    return [options, data];
  };

  // The key of a panel: the mark of each layer before its name.
  const markKey = (plot, panel) => {
    const names = plot.root.querySelectorAll('.u-legend .u-series');
    const layers = [...panel.layers].reverse().map(layer => layer.ink);
    [null, ...layers, ...(panel.line ? ['line'] : [])].forEach((ink, i) => {
      if (!ink || !names[i]) return;
      const mark = document.createElement('span');
      mark.className = 'swatch ink-' + ink;
      mark.setAttribute('aria-hidden', 'true');
      names[i].querySelector('th').prepend(mark);
    });
  };

  const start = (charts, number) => {
    const {times, end, panels} = JSON.parse(charts.querySelector('script').textContent);
    if (times.length < 2) return;
    const axis = [...times, end];
    const spoken = charts.querySelector('.spoken');
    const figures = [...charts.querySelectorAll('figure')];
    const plots = [];
    const holders = figures.map((figure, i) => {
      figure.querySelector('.still').style.display = 'none';
      const holder = document.createElement('div');
      holder.className = 'drawing';
      holder.tabIndex = 0;
      holder.setAttribute('role', 'group');
      holder.setAttribute('aria-label', panels[i].heading + ' over time. Arrow keys move the cursor, plus and minus zoom, 0 shows all.');
      holder.addEventListener('keydown', event => press(event, i));
      figure.append(holder);
      return holder;
    });
    charts.querySelector('.hint').hidden = false;

    const draw = () => {
      const [min, max] = plots.length ? [plots[0].scales.x.min, plots[0].scales.x.max] : [0, end];
      plots.splice(0).forEach(plot => plot.destroy());
      holders.forEach((holder, i) => {
        const [options, data] = optionsOf(panels[i], holder.clientWidth, end, plots, 'charts-' + number);
        const plot = new uPlot(options, [axis, ...data], holder);
        markKey(plot, panels[i]);
        plots.push(plot);
      });
      if (min > 0 || max < end) zoom(min, max);
    };
    const zoom = (min, max) => plots[0].setScale('x', {min: Math.max(0, min), max: Math.min(end, max)});
    const say = i => {
      const place = plots[i].cursor.idx;
      if (place == null) return;
      const at = Math.min(place, times.length - 1);
      const values = panels[i].layers.map(layer => layer.name + ' ' + short(layer.values[at]));
      spoken.textContent = exact(axis[place]) + ': ' + values.join(', ');
    };
    const move = (i, by) => {
      const plot = plots[i];
      const place = plot.cursor.idx == null ? (by > 0 ? -1 : axis.length) : plot.cursor.idx;
      const next = Math.max(0, Math.min(axis.length - 1, place + by));
      plot.setCursor({left: plot.valToPos(axis[next], 'x'), top: 1});
      say(i);
    };
    const press = (event, i) => {
      const {min, max} = plots[i].scales.x;
      const middle = plots[i].cursor.idx == null ? (min + max) / 2 : axis[plots[i].cursor.idx];
      const by = event.shiftKey ? 10 : 1;
      const keys = {
        ArrowLeft: () => move(i, -by),
        ArrowRight: () => move(i, by),
        Home: () => move(i, -axis.length),
        End: () => move(i, axis.length),
        '+': () => zoom(middle - (middle - min) / 2, middle + (max - middle) / 2),
        '=': () => keys['+'](),
        '-': () => zoom(middle - (middle - min) * 2, middle + (max - middle) * 2),
        0: () => zoom(0, end),
        Escape: () => zoom(0, end),
      };
      if (!keys[event.key] || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      keys[event.key]();
    };
    charts.querySelector('[data-all]').addEventListener('click', () => zoom(0, end));
    charts.addEventListener('dblclick', () => zoom(0, end));

    draw();
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', draw);
    let width = holders[0].clientWidth;
    new ResizeObserver(() => {
      if (!holders[0].clientWidth || holders[0].clientWidth === width) return;
      width = holders[0].clientWidth;
      plots.forEach((plot, i) => plot.setSize({width, height: panels[i].height}));
    }).observe(holders[0]);
  };

  document.querySelectorAll('[data-charts]').forEach(start);
})();
