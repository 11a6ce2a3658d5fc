/** Countries by their ISO 3166 codes with a point inside them (degrees), and the states of the USA. Names come from the browser. */
const countries = `
AD AND 42.5 1.5;AE ARE 24 54;AF AFG 33.9 67.7;AG ATG 17.1 -61.8;AI AIA 18.2 -63.1;AL ALB 41.2 20.2;AM ARM 40.1 45;AO AGO -11.2 17.9;AQ ATA -80 0;AR ARG -35 -65;
AS ASM -14.3 -170.7;AT AUT 47.6 14.1;AU AUS -25.3 134;AW ABW 12.5 -70;AX ALA 60.2 20;AZ AZE 40.3 47.7;BA BIH 44.2 17.8;BB BRB 13.2 -59.5;BD BGD 23.9 90.2;BE BEL 50.6 4.7;
BF BFA 12.2 -1.6;BG BGR 42.7 25.5;BH BHR 26 50.5;BI BDI -3.4 29.9;BJ BEN 9.6 2.3;BL BLM 17.9 -62.8;BM BMU 32.3 -64.8;BN BRN 4.5 114.7;BO BOL -16.7 -64.7;BQ BES 12.2 -68.3;
BR BRA -10.8 -53;BS BHS 24.3 -76.6;BT BTN 27.4 90.4;BV BVT -54.4 3.4;BW BWA -22.2 23.8;BY BLR 53.5 28;BZ BLZ 17.2 -88.7;CA CAN 60 -106;CC CCK -12.2 96.8;CD COD -2.9 23.7;
CF CAF 6.6 20.5;CG COG -0.8 15.2;CH CHE 46.8 8.2;CI CIV 7.6 -5.6;CK COK -21.2 -159.8;CL CHL -35.7 -71.3;CM CMR 5.7 12.7;CN CHN 35.9 104.2;CO COL 3.9 -73.1;CR CRI 10 -84.2;
CU CUB 21.6 -79;CV CPV 15.1 -23.6;CW CUW 12.2 -69;CX CXR -10.4 105.7;CY CYP 35.1 33.2;CZ CZE 49.7 15.3;DE DEU 51.1 10.4;DJ DJI 11.8 42.6;DK DNK 56 9.5;DM DMA 15.4 -61.4;
DO DOM 18.9 -70.5;DZ DZA 28.2 2.6;EC ECU -1.4 -78.5;EE EST 58.7 25.5;EG EGY 26.5 29.9;EH ESH 24.2 -12.9;ER ERI 15.4 38.8;ES ESP 40.2 -3.6;ET ETH 8.6 39.6;FI FIN 64.5 26.3;
FJ FJI -17.8 178;FK FLK -51.7 -59.4;FM FSM 6.9 158.2;FO FRO 62 -6.9;FR FRA 46.6 2.5;GA GAB -0.6 11.8;GB GBR 54 -2.4;GD GRD 12.1 -61.7;GE GEO 42.2 43.5;GF GUF 3.9 -53.2;
GG GGY 49.5 -2.6;GH GHA 7.9 -1.2;GI GIB 36.1 -5.3;GL GRL 74.7 -41.4;GM GMB 13.4 -15.4;GN GIN 10.4 -10.9;GP GLP 16.2 -61.5;GQ GNQ 1.7 10.3;GR GRC 39.1 22.9;GS SGS -54.4 -36.6;
GT GTM 15.7 -90.4;GU GUM 13.4 144.8;GW GNB 12 -15;GY GUY 4.8 -59;HK HKG 22.3 114.2;HM HMD -53.1 73.5;HN HND 14.8 -86.6;HR HRV 45.4 15.9;HT HTI 18.9 -72.7;HU HUN 47.2 19.4;
ID IDN -2.2 117.3;IE IRL 53.2 -8.1;IL ISR 31.5 35;IM IMN 54.2 -4.5;IN IND 22.9 79.6;IO IOT -6.3 71.9;IQ IRQ 33 43.7;IR IRN 32.6 54.3;IS ISL 65 -18.6;IT ITA 42.8 12.1;
JE JEY 49.2 -2.1;JM JAM 18.2 -77.3;JO JOR 31.2 36.8;JP JPN 37.6 138.1;KE KEN 0.6 37.8;KG KGZ 41.5 74.5;KH KHM 12.7 104.9;KI KIR 1.9 -157.4;KM COM -11.9 43.7;KN KNA 17.3 -62.7;
KP PRK 40.2 127.2;KR KOR 36.4 127.8;KW KWT 29.3 47.6;KY CYM 19.4 -80.9;KZ KAZ 48.2 67.3;LA LAO 18.5 103.8;LB LBN 33.9 35.9;LC LCA 13.9 -61;LI LIE 47.1 9.5;LK LKA 7.6 80.7;
LR LBR 6.5 -9.3;LS LSO -29.6 28.2;LT LTU 55.3 23.9;LU LUX 49.8 6.1;LV LVA 56.9 24.9;LY LBY 27 18;MA MAR 29.8 -8.5;MC MCO 43.7 7.4;MD MDA 47.2 28.5;ME MNE 42.8 19.2;
MF MAF 18.1 -63.1;MG MDG -19.4 46.7;MH MHL 7 170.3;MK MKD 41.6 21.7;ML MLI 17.3 -3.5;MM MMR 21.2 96.5;MN MNG 46.8 103.1;MO MAC 22.2 113.6;MP MNP 15.8 145.6;MQ MTQ 14.7 -61;
MR MRT 20.3 -10.3;MS MSR 16.7 -62.2;MT MLT 35.9 14.4;MU MUS -20.3 57.6;MV MDV 3.7 73.5;MW MWI -13.2 34.3;MX MEX 23.9 -102.5;MY MYS 3.8 109.7;MZ MOZ -17.3 35.5;NA NAM -22.1 17.2;
NC NCL -21.3 165.7;NE NER 17.4 9.4;NF NFK -29 168;NG NGA 9.6 8.1;NI NIC 12.8 -85;NL NLD 52.2 5.4;NO NOR 62 10;NP NPL 28.2 83.9;NR NRU -0.5 166.9;NU NIU -19.1 -169.9;
NZ NZL -41.8 171.5;OM OMN 20.6 56.1;PA PAN 8.5 -80.1;PE PER -9.2 -74.4;PF PYF -17.7 -149.4;PG PNG -6.5 145.2;PH PHL 11.8 122.9;PK PAK 30 69.4;PL POL 52.1 19.4;PM SPM 46.9 -56.3;
PN PCN -24.4 -128.3;PR PRI 18.2 -66.5;PS PSE 31.9 35.2;PT PRT 39.6 -8.5;PW PLW 7.3 134.4;PY PRY -23.2 -58.4;QA QAT 25.3 51.2;RE REU -21.1 55.5;RO ROU 45.9 25;RS SRB 44.2 20.8;
RU RUS 61.9 96.7;RW RWA -2 29.9;SA SAU 24.1 44.5;SB SLB -8.9 159.6;SC SYC -4.7 55.5;SD SDN 16 29.9;SE SWE 62.8 16.7;SG SGP 1.35 103.8;SH SHN -16 -5.7;SI SVN 46.1 14.8;
SJ SJM 78.5 18;SK SVK 48.7 19.5;SL SLE 8.6 -11.8;SM SMR 43.9 12.5;SN SEN 14.4 -14.5;SO SOM 4.8 45.7;SR SUR 4.1 -55.9;SS SSD 7.3 30.2;ST STP 0.2 6.6;SV SLV 13.7 -88.9;
SX SXM 18 -63.1;SY SYR 35 38.5;SZ SWZ -26.6 31.5;TC TCA 21.8 -71.8;TD TCD 15.3 18.6;TF ATF -49.3 69.3;TG TGO 8.5 1;TH THA 15.1 101;TJ TJK 38.5 71;TK TKL -9.2 -171.8;
TL TLS -8.8 125.8;TM TKM 39.1 59.4;TN TUN 34.1 9.6;TO TON -21.2 -175.2;TR TUR 39.1 35.2;TT TTO 10.5 -61.3;TV TUV -8.5 179.2;TW TWN 23.8 121;TZ TZA -6.3 34.8;UA UKR 49 31.4;
UG UGA 1.3 32.4;UM UMI 19.3 166.6;US USA 39.8 -98.6;UY URY -32.8 -56;UZ UZB 41.8 63.1;VA VAT 41.9 12.45;VC VCT 13.2 -61.2;VE VEN 7.1 -66.2;VG VGB 18.4 -64.6;VI VIR 18 -64.8;
VN VNM 16.6 106.3;VU VUT -16.2 167.7;WF WLF -13.9 -177.3;WS WSM -13.8 -172.2;XK XKX 42.6 20.9;YE YEM 15.9 47.6;YT MYT -12.8 45.1;ZA ZAF -29 25.1;ZM ZMB -13.5 27.8;ZW ZWE -19 29.9`;

const states = `
AK 64.2 -152;AL 32.8 -86.8;AR 34.8 -92.4;AZ 34.3 -111.7;CA 37.2 -119.5;CO 39 -105.5;CT 41.6 -72.7;DC 38.9 -77;DE 39 -75.5;FL 28.6 -82.4;GA 32.7 -83.4;HI 20.3 -156.4;IA 42 -93.5;
ID 44.3 -114.6;IL 40 -89.2;IN 39.9 -86.3;KS 38.5 -98.4;KY 37.5 -85.3;LA 31.1 -92;MA 42.3 -71.8;MD 39 -76.8;ME 45.4 -69.2;MI 44.3 -85.4;MN 46.3 -94.3;MO 38.4 -92.5;MS 32.7 -89.7;
MT 47 -109.6;NC 35.6 -79.4;ND 47.4 -100.5;NE 41.5 -99.8;NH 43.7 -71.6;NJ 40.2 -74.7;NM 34.4 -106.1;NV 39.3 -116.6;NY 42.9 -75.5;OH 40.3 -82.8;OK 35.6 -97.5;OR 43.9 -120.6;PA 40.9 -77.8;
RI 41.7 -71.6;SC 33.9 -80.9;SD 44.4 -100.2;TN 35.9 -86.4;TX 31.5 -99.3;UT 39.3 -111.7;VA 37.5 -78.9;VT 44.1 -72.7;WA 47.4 -120.5;WI 44.6 -90;WV 38.6 -80.6;WY 43 -107.6`;

interface Place {
  lat: number;
  lon: number;
  name: string;
}
type Gazetteer = 'countries' | 'usa-states';

const entries = (table: string): string[][] => table.split(';').map((e) => e.trim().split(' '));
const known = new Map<Gazetteer, Map<string, Place>>();

function load(which: Gazetteer): Map<string, Place> {
  const out = new Map<string, Place>();
  if (which === 'usa-states') {
    for (const [code, lat, lon] of entries(states)) out.set((code ?? '').toLowerCase(), { lat: Number(lat), lon: Number(lon), name: code ?? '' });
    return out;
  }
  const names = new Intl.DisplayNames(['en'], { type: 'region', fallback: 'code' });
  for (const [two = '', three = '', lat, lon] of entries(countries)) {
    const name = names.of(two) ?? two;
    const place = { lat: Number(lat), lon: Number(lon), name };
    for (const key of [two, three, name]) out.set(key.toLowerCase(), place);
  }
  // Names that data carry and browsers do not use.
  for (const [name, code] of [['uk', 'gb'], ['usa', 'us'], ['united states of america', 'us'], ['czech republic', 'cz'], ['turkey', 'tr'], ['russian federation', 'ru'], ['south korea', 'kr'], ['north korea', 'kp'], ['viet nam', 'vn'], ['ivory coast', 'ci'], ['burma', 'mm'], ['hong kong', 'hk'], ['macedonia', 'mk'], ['swaziland', 'sz']] as const) {
    const place = out.get(code);
    if (place && !out.has(name)) out.set(name, place);
  }
  return out;
}

/** The place of a code or an English name, whatever its case. */
export function findPlace(word: string, which: Gazetteer = 'countries'): Place | undefined {
  let table = known.get(which);
  if (!table) {
    table = load(which);
    known.set(which, table);
  }
  return table.get(word.trim().toLowerCase());
}
