/** report.html as a browser lays it out: nothing is loaded, nothing overflows, and it can be read. */
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { renderReport } from '../../../src/interop/report-html/page.js';
import { browse, findBrowser, type BrowserPage } from '../../support/browser.js';
import { measuredReport } from '../../support/measured-report.js';
import { temporaryFolder } from '../../support/sandbox.js';

const browser = findBrowser();
if (browser === undefined) {
  console.warn('report.html is not opened: no Chromium on this machine (CHROMIUM names one).');
}

describe.skipIf(browser === undefined)(
  'report.html in Chromium, skipped where there is none',
  () => {
    const folder = temporaryFolder();
    let page: BrowserPage;
    const url = pathToFileURL(join(folder, 'report.html')).href;
    beforeAll(async () => {
      writeFileSync(join(folder, 'report.html'), renderReport(measuredReport()).html);
      page = await browse(browser!);
      await page.open(url);
    });
    afterAll(async () => {
      await page?.close();
      rmSync(folder, { recursive: true, force: true });
    });

    it('loads itself and nothing else, without a complaint', () => {
      const asked = page.events
        .filter(({ method }) => method === 'Network.requestWillBeSent')
        .map(({ params }) => (params['request'] as { url: string }).url);
      expect(asked).toEqual([url]);
      const complaints = page.events.filter(({ method }) =>
        ['Log.entryAdded', 'Runtime.exceptionThrown', 'Runtime.consoleAPICalled'].includes(method),
      );
      expect(complaints).toEqual([]);
    });

    it.each([360, 800, 1400])('has every chart whole at %i pixels', async (width) => {
      await page.send('Emulation.setDeviceMetricsOverride', {
        width,
        height: 900,
        deviceScaleFactor: 1,
        mobile: false,
      });
      const charts = await page.evaluate<{ left: number; right: number; height: number }[]>(
        `[...document.querySelectorAll('figure svg')].map((svg) => {
         const { left, right, height } = svg.getBoundingClientRect();
         return { left, right, height };
       })`,
      );
      expect(charts.length).toBeGreaterThanOrEqual(9);
      for (const { left, right, height } of charts) {
        expect(left).toBeGreaterThanOrEqual(0);
        expect(right).toBeLessThanOrEqual(width);
        expect(height).toBeGreaterThan(40);
      }
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(
        width,
      );
    });

    it.each(['light', 'dark'])('can be read in %s', async (value) => {
      await page.send('Emulation.setEmulatedMedia', {
        features: [{ name: 'prefers-color-scheme', value }],
      });
      const [text, ground] = await page.evaluate<[string, string]>(
        `(() => { const { color, backgroundColor } = getComputedStyle(document.body);
         const root = getComputedStyle(document.documentElement).backgroundColor;
         return [color, backgroundColor === 'rgba(0, 0, 0, 0)' ? root : backgroundColor]; })()`,
      );
      const [ink, paper] = [text, ground].map(luminance) as [number, number];
      const contrast = (Math.max(ink, paper) + 0.05) / (Math.min(ink, paper) + 0.05);
      // WCAG 2.2, level AAA for text.
      expect(contrast).toBeGreaterThan(7);
      expect(paper < 0.5).toBe(value === 'dark');
    });

    it('can be printed', async () => {
      await page.send('Emulation.setEmulatedMedia', { features: [] });
      const { data } = await page.send('Page.printToPDF', { printBackground: false });
      const pdf = Buffer.from(String(data), 'base64').toString('latin1');
      expect(pdf.startsWith('%PDF-')).toBe(true);
      expect(pdf.match(/\/Type\s*\/Page\b/g)?.length).toBeGreaterThan(1);
    });
  },
);

/** WCAG's relative luminance of `rgb(r, g, b)`. */
function luminance(color: string): number {
  const [red = 0, green = 0, blue = 0] = (color.match(/[\d.]+/g) ?? []).map((part) => {
    const value = Number(part) / 255;
    return value <= 0.03928 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
