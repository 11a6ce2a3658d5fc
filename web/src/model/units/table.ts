/** Every unit id a dashboard may name, as data: which family scales it and what stands behind the number. */
import { binary, count, currency, fixed, short, si, tight, type Formatter } from './families';
import { clock, elapsed, inWords, stopwatch } from './duration';
import { toFixed } from './decimals';
import { formatPattern, formatTime } from '../time/format';
import { formatAgo } from '../time/format';

const pairs = (spec: string): [string, string][] =>
  spec.trim().split(/\s*;\s*/).filter((s) => s !== '').map((s) => {
    const at = s.indexOf(' ');
    return [s.slice(0, at), s.slice(at + 1)];
  });

/** `id suffix; id suffix`: numbers that are never scaled. */
const fixedUnits = pairs(`
  humidity %H; dB dB; pixel px; accMS2 m/sec²; accFS2 f/sec²; accG g; degree °; radian rad; grad grad; arcmin arcmin; arcsec arcsec;
  areaM2 m²; areaF2 ft²; areaMI2 mi²; acres ac; hectares ha; ppm ppm; conppb ppb; conngm3 ng/m³; conngNm3 ng/Nm³; conμgm3 μg/m³;
  conμgNm3 μg/Nm³; conmgm3 mg/m³; conmgNm3 mg/Nm³; congm3 g/m³; congNm3 g/Nm³; conmgdL mg/dL; conmmolL mmol/L; dBm dbm;
  flowgpm gpm; flowcms cms; flowcfs cfs; flowcfm cfm; litreh L/h; flowlpm L/min; flowmlpm mL/min; lux lux; masslb lb; masst t;
  lengthcm cm; lengthin in; lengthft ft; lengthmi mi; pressurehpa hPa; pressurekpa kPa; pressurehg "Hg; rotrpm rpm; rotrads rad/s;
  rotdegs °/s; celsius °C; fahrenheit °F; kelvin K; velocityms m/s; velocitykmh km/h; velocitymph mph; velocityknot kn;
  m3 m³; Nm3 Nm³; dm3 dm³; gallons gal`);

/** `id unit offset`: SI prefixes, the stored value already having 10^(3·offset). */
const siUnits = pairs(`
  candela cd 0; flops FLOPS 0; mflops FLOPS 2; gflops FLOPS 3; tflops FLOPS 4; pflops FLOPS 5; eflops FLOPS 6; zflops FLOPS 7; yflops FLOPS 8;
  decbytes B 0; decbits b 0; deckbytes B 1; decmbytes B 2; decgbytes B 3; dectbytes B 4; decpbytes B 5; pps p/s 0; Bps B/s 0; bps b/s 0;
  KBs B/s 1; Kbits b/s 1; MBs B/s 2; Mbits b/s 2; GBs B/s 3; Gbits b/s 3; TBs B/s 4; Tbits b/s 4; PBs B/s 5; Pbits b/s 5;
  watt W 0; kwatt W 1; megwatt W 2; gwatt W 3; mwatt W -1; Wm2 W/m² 0; voltamp VA 0; kvoltamp VA 1; voltampreact VAr 0; kvoltampreact VAr 1;
  watth Wh 0; watthperkg Wh/kg 0; kwatth Wh 1; kwattm W-Min 1; mwatth Wh 2; amph Ah 0; kamph Ah 1; mamph Ah -1; joule J 0; ev eV 0;
  amp A 0; kamp A 1; mamp A -1; volt V 0; kvolt V 1; mvolt V -1; mohm Ω -1; ohm Ω 0; kohm Ω 1; Mohm Ω 2; farad F 0; µfarad F -2;
  nfarad F -3; pfarad F -4; ffarad F -5; henry H 0; mhenry H -1; µhenry H -2; lumens Lm 0; forceNm Nm 0; forcekNm Nm 1; forceN N 0; forcekN N 1;
  Hs H/s 0; KHs H/s 1; MHs H/s 2; GHs H/s 3; THs H/s 4; PHs H/s 5; EHs H/s 6; massmg g -1; massg g 0; masskg g 1; lengthmm m -1; lengthm m 0;
  lengthkm m 1; pressurembar bar -1; pressurebar bar 0; pressurekbar bar 1; pressurepa Pa 0; radbq Bq 0; radci Ci 0; radgy Gy 0; radrad rad 0;
  radsv Sv 0; radmsv Sv -1; radusv Sv -2; radrem rem 0; radexpckg C/kg 0; radr R 0; radsvh Sv/h 0; radmsvh Sv/h -1; radusvh Sv/h -2;
  rothz Hz 0; rotkhz Hz 1; rotmhz Hz 2; rotghz Hz 3; hertz Hz 0; mlitre L -1; litre L 0`);

/** `id unit offset`: binary prefixes, the stored value already having 1024^offset. */
const binaryUnits = pairs(`
  bytes B 0; bits b 0; kbytes B 1; mbytes B 2; gbytes B 3; tbytes B 4; pbytes B 5; binBps B/s 0; binbps b/s 0; KiBs B/s 1; Kibits b/s 1;
  MiBs B/s 2; Mibits b/s 2; GiBs B/s 3; Gibits b/s 3; TiBs B/s 4; Tibits b/s 4; PiBs B/s 5; Pibits b/s 5`);

const countUnits = pairs(`
  cps c/s; ops ops/s; reqps req/s; rps rd/s; wps wr/s; iops io/s; eps evt/s; mps msg/s; recps rec/s; rowsps rows/s;
  cpm c/m; opm ops/m; reqpm req/m; rpm rd/m; wpm wr/m; epm evts/m; mpm msgs/m; recpm rec/m; rowspm rows/m`);

const currencyUnits = pairs(`
  USD $; GBP £; EUR €; JPY ¥; RUB ₽; UAH ₴; BRL R$; CZK czk; CHF CHF; PLN PLN; BTC ฿; mBTC mBTC; μBTC μBTC; ZAR R; INR ₹; KRW ₩;
  IDR Rp; PHP PHP; MYR RM; XPF XPF; BGN BGN; PYG ₲; UYU UYU; ILS ₪`);
const currencyBehind = pairs('DKK kr; ISK kr; NOK kr; SEK kr; VND đ; TRY ₺');

const grouped: Formatter = (value, decimals) => ({
  text: value.toLocaleString('en-US', { maximumFractionDigits: decimals ?? undefined }),
});
const truth = (yes: string, no: string): Formatter => (value) => ({ text: value === 0 ? no : yes });
/** The number itself cut to the decimals asked for, or to those it would get by itself. */
const atMost = (value: number, decimals?: number | null): number => Number(toFixed(value, decimals));

const today = (ms: number, zone: string): boolean => formatTime(ms, zone).slice(0, 10) === formatTime(Date.now(), zone).slice(0, 10);
const date = (pattern: string, shortened?: string): Formatter => (value, _decimals, zone = 'browser') => ({
  text: formatPattern(value, shortened !== undefined && today(value, zone) ? shortened : pattern, zone),
});

const special: Record<string, Formatter> = {
  none: fixed(''),
  string: (value) => ({ text: String(value) }),
  short,
  sishort: si(''),
  percent: tight('%'),
  percentunit: (value, decimals) => ({ text: toFixed(Number((value * 100).toPrecision(12)), decimals), suffix: '%' }),
  hex: (value, decimals) => ({ text: atMost(value, decimals).toString(16).toUpperCase() }),
  hex0x: (value, decimals) => ({ text: `${value < 0 ? '-' : ''}0x${Math.abs(atMost(value, decimals)).toString(16).toUpperCase()}` }),
  sci: (value, decimals) => ({ text: value.toExponential(decimals ?? undefined) }),
  locale: grouped,
  bool: truth('True', 'False'), bool_yes_no: truth('Yes', 'No'), bool_on_off: truth('On', 'Off'),
  ns: elapsed(1e-9, 0), 'µs': elapsed(1e-6, 1, [], 3), ms: elapsed(1e-3, 2, [7]), s: elapsed(1, 0), m: elapsed(60, 4), h: elapsed(3600, 5), d: elapsed(86_400, 6),
  timeticks: (value, decimals) => elapsed(1, 0)(value / 100, decimals),
  dtdurationms: inWords(1), dtdurations: inWords(1000), dthms: clock(false), dtdhms: clock(true), clockms: stopwatch(1), clocks: stopwatch(1000),
  dateTimeAsIso: date('YYYY-MM-DD HH:mm:ss'), dateTimeAsIsoNoDateIfToday: date('YYYY-MM-DD HH:mm:ss', 'HH:mm:ss'),
  dateTimeAsUS: date('MM/DD/YYYY h:mm:ss a'), dateTimeAsUSNoDateIfToday: date('MM/DD/YYYY h:mm:ss a', 'h:mm:ss a'),
  dateTimeAsLocal: date('MM/DD/YYYY, hh:mm:ss A'), dateTimeAsLocalNoDateIfToday: date('MM/DD/YYYY, hh:mm:ss A', 'hh:mm:ss A'),
  dateTimeAsSystem: date('YYYY-MM-DD HH:mm:ss'),
  dateTimeFromNow: (value) => ({ text: formatAgo(value, Date.now()) }),
  pressurepsi: (value, decimals) => {
    const size = Math.abs(value);
    const [by, suffix] = size >= 1e6 ? [1e6, 'Mpsi'] : size >= 1000 ? [1000, 'ksi'] : [1, 'psi'];
    return { text: toFixed(Number((value / by).toPrecision(12)), decimals), suffix };
  },
};

export const unitTable: ReadonlyMap<string, Formatter> = new Map<string, Formatter>([
  ...fixedUnits.map(([id, suffix]): [string, Formatter] => [id, fixed(suffix)]),
  ...siUnits.map(([id, spec]): [string, Formatter] => [id, si(spec.split(' ')[0] ?? '', Number(spec.split(' ')[1]))]),
  ...binaryUnits.map(([id, spec]): [string, Formatter] => [id, binary(spec.split(' ')[0] ?? '', Number(spec.split(' ')[1]))]),
  ...countUnits.map(([id, unit]): [string, Formatter] => [id, count(unit)]),
  ...currencyUnits.map(([id, symbol]): [string, Formatter] => [`currency${id}`, currency(symbol)]),
  ...currencyBehind.map(([id, symbol]): [string, Formatter] => [`currency${id}`, currency(symbol, true)]),
  ...Object.entries(special),
]);
