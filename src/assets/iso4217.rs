//! Our own dated copy of ISO 4217: every code that ever was, for ever.
//!
//! A log outlives currencies: an account opened in kuna must still print when the kuna is gone. So
//! the active list (the maintenance agency's List One) and the historic one (List Three) stand
//! here side by side, and a row that leaves the first moves to the second and stays.
//!
//! What is ours, because List Three does not state it:
//! * the minor unit of a historic code is the one it had while it was active, and two places where
//!   no edition of the standard gave one;
//! * where List Three gives a span ("1989 to 1990"), the date here is the last month of the span;
//! * a code is historic only if no country uses it: renamed currencies (PEN, RON) stay active.
//!
//! **Changing a row changes what replay answers.** A new edition is a new version of the module
//! [`super::fiat`], never an edit in place; see [`crate::ledger::module`].

use Unit::{NoUnit, NotMoney, Places, Test};

/// The day whose lists this table agrees with (RFC 3339 date).
pub const EDITION: &str = "2026-01-01";

/// One ISO 4217 code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Currency {
    /// The alphabetic code: three capital letters.
    pub code: &'static str,
    /// The numeric code, 1..=999; a few historic fund codes never had one.
    pub numeric: Option<u16>,
    /// How the currency is divided.
    pub unit: Unit,
    /// The English name, ASCII.
    pub name: &'static str,
    /// The month of withdrawal; `None` while the code is active.
    pub withdrawn: Option<Month>,
}

/// How a currency is divided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// The minor unit is this many decimal places below the unit.
    Places(u8),
    /// Reserved for tests (XTS); the number of places is ours, the standard gives none.
    Test(u8),
    /// "N.A." in the standard: metals, bond market units, units of account.
    NoUnit,
    /// The code that says that no currency is involved (XXX).
    NotMoney,
}

/// A month of the Gregorian calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Month {
    /// The year, e.g. 2002.
    pub year: u16,
    /// The month, 1..=12.
    pub month: u8,
}

/// Finds a code, active or historic; the spelling is exact (capital letters).
pub fn find(code: &str) -> Option<&'static Currency> {
    [ACTIVE, HISTORIC].into_iter().find_map(|list| {
        let at = list.binary_search_by(|row| row.code.cmp(code)).ok()?;
        list.get(at)
    })
}

/// Every row, the active ones first.
pub fn all() -> impl Iterator<Item = &'static Currency> {
    ACTIVE.iter().chain(HISTORIC)
}

const fn row(code: &'static str, numeric: u16, unit: Unit, name: &'static str) -> Currency {
    let numeric = if numeric == 0 { None } else { Some(numeric) };
    Currency {
        code,
        numeric,
        unit,
        name,
        withdrawn: None,
    }
}

const fn gone(
    code: &'static str,
    numeric: u16,
    unit: Unit,
    name: &'static str,
    year: u16,
    month: u8,
) -> Currency {
    Currency {
        withdrawn: Some(Month { year, month }),
        ..row(code, numeric, unit, name)
    }
}

/// List One, sorted by code.
pub const ACTIVE: &[Currency] = &[
    row("AED", 784, Places(2), "UAE Dirham"),
    row("AFN", 971, Places(2), "Afghani"),
    row("ALL", 8, Places(2), "Lek"),
    row("AMD", 51, Places(2), "Armenian Dram"),
    row("AOA", 973, Places(2), "Kwanza"),
    row("ARS", 32, Places(2), "Argentine Peso"),
    row("AUD", 36, Places(2), "Australian Dollar"),
    row("AWG", 533, Places(2), "Aruban Florin"),
    row("AZN", 944, Places(2), "Azerbaijan Manat"),
    row("BAM", 977, Places(2), "Convertible Mark"),
    row("BBD", 52, Places(2), "Barbados Dollar"),
    row("BDT", 50, Places(2), "Taka"),
    row("BHD", 48, Places(3), "Bahraini Dinar"),
    row("BIF", 108, Places(0), "Burundi Franc"),
    row("BMD", 60, Places(2), "Bermudian Dollar"),
    row("BND", 96, Places(2), "Brunei Dollar"),
    row("BOB", 68, Places(2), "Boliviano"),
    row("BOV", 984, Places(2), "Mvdol"),
    row("BRL", 986, Places(2), "Brazilian Real"),
    row("BSD", 44, Places(2), "Bahamian Dollar"),
    row("BTN", 64, Places(2), "Ngultrum"),
    row("BWP", 72, Places(2), "Pula"),
    row("BYN", 933, Places(2), "Belarusian Ruble"),
    row("BZD", 84, Places(2), "Belize Dollar"),
    row("CAD", 124, Places(2), "Canadian Dollar"),
    row("CDF", 976, Places(2), "Congolese Franc"),
    row("CHE", 947, Places(2), "WIR Euro"),
    row("CHF", 756, Places(2), "Swiss Franc"),
    row("CHW", 948, Places(2), "WIR Franc"),
    row("CLF", 990, Places(4), "Unidad de Fomento"),
    row("CLP", 152, Places(0), "Chilean Peso"),
    row("CNY", 156, Places(2), "Yuan Renminbi"),
    row("COP", 170, Places(2), "Colombian Peso"),
    row("COU", 970, Places(2), "Unidad de Valor Real"),
    row("CRC", 188, Places(2), "Costa Rican Colon"),
    row("CUP", 192, Places(2), "Cuban Peso"),
    row("CVE", 132, Places(2), "Cabo Verde Escudo"),
    row("CZK", 203, Places(2), "Czech Koruna"),
    row("DJF", 262, Places(0), "Djibouti Franc"),
    row("DKK", 208, Places(2), "Danish Krone"),
    row("DOP", 214, Places(2), "Dominican Peso"),
    row("DZD", 12, Places(2), "Algerian Dinar"),
    row("EGP", 818, Places(2), "Egyptian Pound"),
    row("ERN", 232, Places(2), "Nakfa"),
    row("ETB", 230, Places(2), "Ethiopian Birr"),
    row("EUR", 978, Places(2), "Euro"),
    row("FJD", 242, Places(2), "Fiji Dollar"),
    row("FKP", 238, Places(2), "Falkland Islands Pound"),
    row("GBP", 826, Places(2), "Pound Sterling"),
    row("GEL", 981, Places(2), "Lari"),
    row("GHS", 936, Places(2), "Ghana Cedi"),
    row("GIP", 292, Places(2), "Gibraltar Pound"),
    row("GMD", 270, Places(2), "Dalasi"),
    row("GNF", 324, Places(0), "Guinean Franc"),
    row("GTQ", 320, Places(2), "Quetzal"),
    row("GYD", 328, Places(2), "Guyana Dollar"),
    row("HKD", 344, Places(2), "Hong Kong Dollar"),
    row("HNL", 340, Places(2), "Lempira"),
    row("HTG", 332, Places(2), "Gourde"),
    row("HUF", 348, Places(2), "Forint"),
    row("IDR", 360, Places(2), "Rupiah"),
    row("ILS", 376, Places(2), "New Israeli Sheqel"),
    row("INR", 356, Places(2), "Indian Rupee"),
    row("IQD", 368, Places(3), "Iraqi Dinar"),
    row("IRR", 364, Places(2), "Iranian Rial"),
    row("ISK", 352, Places(0), "Iceland Krona"),
    row("JMD", 388, Places(2), "Jamaican Dollar"),
    row("JOD", 400, Places(3), "Jordanian Dinar"),
    row("JPY", 392, Places(0), "Yen"),
    row("KES", 404, Places(2), "Kenyan Shilling"),
    row("KGS", 417, Places(2), "Som"),
    row("KHR", 116, Places(2), "Riel"),
    row("KMF", 174, Places(0), "Comorian Franc"),
    row("KPW", 408, Places(2), "North Korean Won"),
    row("KRW", 410, Places(0), "Won"),
    row("KWD", 414, Places(3), "Kuwaiti Dinar"),
    row("KYD", 136, Places(2), "Cayman Islands Dollar"),
    row("KZT", 398, Places(2), "Tenge"),
    row("LAK", 418, Places(2), "Lao Kip"),
    row("LBP", 422, Places(2), "Lebanese Pound"),
    row("LKR", 144, Places(2), "Sri Lanka Rupee"),
    row("LRD", 430, Places(2), "Liberian Dollar"),
    row("LSL", 426, Places(2), "Loti"),
    row("LYD", 434, Places(3), "Libyan Dinar"),
    row("MAD", 504, Places(2), "Moroccan Dirham"),
    row("MDL", 498, Places(2), "Moldovan Leu"),
    row("MGA", 969, Places(2), "Malagasy Ariary"),
    row("MKD", 807, Places(2), "Denar"),
    row("MMK", 104, Places(2), "Kyat"),
    row("MNT", 496, Places(2), "Tugrik"),
    row("MOP", 446, Places(2), "Pataca"),
    row("MRU", 929, Places(2), "Ouguiya"),
    row("MUR", 480, Places(2), "Mauritius Rupee"),
    row("MVR", 462, Places(2), "Rufiyaa"),
    row("MWK", 454, Places(2), "Malawi Kwacha"),
    row("MXN", 484, Places(2), "Mexican Peso"),
    row("MXV", 979, Places(2), "Mexican Unidad de Inversion (UDI)"),
    row("MYR", 458, Places(2), "Malaysian Ringgit"),
    row("MZN", 943, Places(2), "Mozambique Metical"),
    row("NAD", 516, Places(2), "Namibia Dollar"),
    row("NGN", 566, Places(2), "Naira"),
    row("NIO", 558, Places(2), "Cordoba Oro"),
    row("NOK", 578, Places(2), "Norwegian Krone"),
    row("NPR", 524, Places(2), "Nepalese Rupee"),
    row("NZD", 554, Places(2), "New Zealand Dollar"),
    row("OMR", 512, Places(3), "Rial Omani"),
    row("PAB", 590, Places(2), "Balboa"),
    row("PEN", 604, Places(2), "Sol"),
    row("PGK", 598, Places(2), "Kina"),
    row("PHP", 608, Places(2), "Philippine Peso"),
    row("PKR", 586, Places(2), "Pakistan Rupee"),
    row("PLN", 985, Places(2), "Zloty"),
    row("PYG", 600, Places(0), "Guarani"),
    row("QAR", 634, Places(2), "Qatari Rial"),
    row("RON", 946, Places(2), "Romanian Leu"),
    row("RSD", 941, Places(2), "Serbian Dinar"),
    row("RUB", 643, Places(2), "Russian Ruble"),
    row("RWF", 646, Places(0), "Rwanda Franc"),
    row("SAR", 682, Places(2), "Saudi Riyal"),
    row("SBD", 90, Places(2), "Solomon Islands Dollar"),
    row("SCR", 690, Places(2), "Seychelles Rupee"),
    row("SDG", 938, Places(2), "Sudanese Pound"),
    row("SEK", 752, Places(2), "Swedish Krona"),
    row("SGD", 702, Places(2), "Singapore Dollar"),
    row("SHP", 654, Places(2), "Saint Helena Pound"),
    row("SLE", 925, Places(2), "Leone"),
    row("SOS", 706, Places(2), "Somali Shilling"),
    row("SRD", 968, Places(2), "Surinam Dollar"),
    row("SSP", 728, Places(2), "South Sudanese Pound"),
    row("STN", 930, Places(2), "Dobra"),
    row("SVC", 222, Places(2), "El Salvador Colon"),
    row("SYP", 760, Places(2), "Syrian Pound"),
    row("SZL", 748, Places(2), "Lilangeni"),
    row("THB", 764, Places(2), "Baht"),
    row("TJS", 972, Places(2), "Somoni"),
    row("TMT", 934, Places(2), "Turkmenistan New Manat"),
    row("TND", 788, Places(3), "Tunisian Dinar"),
    row("TOP", 776, Places(2), "Pa'anga"),
    row("TRY", 949, Places(2), "Turkish Lira"),
    row("TTD", 780, Places(2), "Trinidad and Tobago Dollar"),
    row("TWD", 901, Places(2), "New Taiwan Dollar"),
    row("TZS", 834, Places(2), "Tanzanian Shilling"),
    row("UAH", 980, Places(2), "Hryvnia"),
    row("UGX", 800, Places(0), "Uganda Shilling"),
    row("USD", 840, Places(2), "US Dollar"),
    row("USN", 997, Places(2), "US Dollar (next day)"),
    row("UYI", 940, Places(0), "Uruguay Peso en Unidades Indexadas"),
    row("UYU", 858, Places(2), "Peso Uruguayo"),
    row("UYW", 927, Places(4), "Unidad Previsional"),
    row("UZS", 860, Places(2), "Uzbekistan Sum"),
    row("VED", 926, Places(2), "Bolivar Soberano (digital)"),
    row("VES", 928, Places(2), "Bolivar Soberano"),
    row("VND", 704, Places(0), "Dong"),
    row("VUV", 548, Places(0), "Vatu"),
    row("WST", 882, Places(2), "Tala"),
    row("XAD", 396, Places(2), "Arab Accounting Dinar"),
    row("XAF", 950, Places(0), "CFA Franc BEAC"),
    row("XAG", 961, NoUnit, "Silver"),
    row("XAU", 959, NoUnit, "Gold"),
    row("XBA", 955, NoUnit, "European Composite Unit"),
    row("XBB", 956, NoUnit, "European Monetary Unit"),
    row("XBC", 957, NoUnit, "European Unit of Account 9"),
    row("XBD", 958, NoUnit, "European Unit of Account 17"),
    row("XCD", 951, Places(2), "East Caribbean Dollar"),
    row("XCG", 532, Places(2), "Caribbean Guilder"),
    row("XDR", 960, NoUnit, "Special Drawing Right"),
    row("XOF", 952, Places(0), "CFA Franc BCEAO"),
    row("XPD", 964, NoUnit, "Palladium"),
    row("XPF", 953, Places(0), "CFP Franc"),
    row("XPT", 962, NoUnit, "Platinum"),
    row("XSU", 994, NoUnit, "Sucre"),
    row("XTS", 963, Test(2), "Test currency"),
    row("XUA", 965, NoUnit, "ADB Unit of Account"),
    row("XXX", 999, NotMoney, "No currency"),
    row("YER", 886, Places(2), "Yemeni Rial"),
    row("ZAR", 710, Places(2), "Rand"),
    row("ZMW", 967, Places(2), "Zambian Kwacha"),
    row("ZWG", 924, Places(2), "Zimbabwe Gold"),
];

/// List Three, sorted by code; the last column is the month of withdrawal.
pub const HISTORIC: &[Currency] = &[
    gone("ADP", 20, Places(0), "Andorran Peseta", 2003, 7),
    gone("AFA", 4, Places(2), "Afghani", 2003, 1),
    gone("ALK", 8, Places(2), "Old Lek", 1989, 12),
    gone(
        "ANG",
        532,
        Places(2),
        "Netherlands Antillean Guilder",
        2025,
        3,
    ),
    gone("AOK", 24, Places(2), "Kwanza", 1991, 3),
    gone("AON", 24, Places(2), "New Kwanza", 2000, 2),
    gone("AOR", 982, Places(2), "Kwanza Reajustado", 2000, 2),
    gone("ARA", 32, Places(2), "Austral", 1992, 1),
    gone("ARP", 32, Places(2), "Peso Argentino", 1985, 7),
    gone("ARY", 32, Places(2), "Peso", 1990, 12),
    gone("ATS", 40, Places(2), "Schilling", 2002, 3),
    gone("AYM", 945, Places(2), "Azerbaijan Manat", 2005, 10),
    gone("AZM", 31, Places(2), "Azerbaijanian Manat", 2005, 12),
    gone("BAD", 70, Places(2), "Dinar", 1998, 7),
    gone("BEC", 993, Places(0), "Convertible Franc", 1990, 3),
    gone("BEF", 56, Places(0), "Belgian Franc", 2002, 3),
    gone("BEL", 992, Places(0), "Financial Franc", 1990, 3),
    gone("BGJ", 100, Places(2), "Lev A/52", 1990, 12),
    gone("BGK", 100, Places(2), "Lev A/62", 1990, 12),
    gone("BGL", 100, Places(2), "Lev", 2003, 11),
    gone("BGN", 975, Places(2), "Bulgarian Lev", 2026, 1),
    gone("BOP", 68, Places(2), "Peso Boliviano", 1987, 2),
    gone("BRB", 76, Places(2), "Cruzeiro", 1986, 3),
    gone("BRC", 76, Places(2), "Cruzado", 1989, 2),
    gone("BRE", 76, Places(2), "Cruzeiro", 1993, 3),
    gone("BRN", 76, Places(2), "New Cruzado", 1990, 3),
    gone("BRR", 987, Places(2), "Cruzeiro Real", 1994, 7),
    gone("BUK", 104, Places(2), "Kyat", 1990, 2),
    gone("BYB", 112, Places(0), "Belarusian Ruble", 2001, 1),
    gone("BYR", 974, Places(0), "Belarusian Ruble", 2017, 1),
    gone("CHC", 948, Places(2), "WIR Franc (electronic)", 2004, 11),
    gone("CSD", 891, Places(2), "Serbian Dinar", 2006, 10),
    gone("CSJ", 203, Places(2), "Krona A/53", 1990, 12),
    gone("CSK", 200, Places(2), "Koruna", 1993, 3),
    gone("CUC", 931, Places(2), "Peso Convertible", 2021, 6),
    gone("CYP", 196, Places(2), "Cyprus Pound", 2008, 1),
    gone("DDM", 278, Places(2), "Mark der DDR", 1990, 9),
    gone("DEM", 276, Places(2), "Deutsche Mark", 2002, 3),
    gone("ECS", 218, Places(2), "Sucre", 2000, 9),
    gone("ECV", 983, Places(2), "Unidad de Valor Constante", 2000, 9),
    gone("EEK", 233, Places(2), "Kroon", 2011, 1),
    gone(
        "ESA",
        996,
        Places(0),
        "Spanish Peseta (account A)",
        1981,
        12,
    ),
    gone(
        "ESB",
        995,
        Places(0),
        "Convertible Peseta Account",
        1994,
        12,
    ),
    gone("ESP", 724, Places(0), "Spanish Peseta", 2002, 3),
    gone("FIM", 246, Places(2), "Markka", 2002, 3),
    gone("FRF", 250, Places(2), "French Franc", 2002, 3),
    gone("GEK", 268, Places(2), "Georgian Coupon", 1995, 10),
    gone("GHC", 288, Places(2), "Cedi", 2008, 1),
    gone("GHP", 939, Places(2), "Ghana Cedi", 2007, 6),
    gone("GNE", 324, Places(2), "Syli", 1989, 12),
    gone("GNS", 324, Places(2), "Syli", 1986, 2),
    gone("GQE", 226, Places(2), "Ekwele", 1986, 6),
    gone("GRD", 300, Places(0), "Drachma", 2002, 3),
    gone("GWE", 624, Places(2), "Guinea Escudo", 1981, 12),
    gone("GWP", 624, Places(2), "Guinea-Bissau Peso", 1997, 5),
    gone("HRD", 191, Places(2), "Croatian Dinar", 1995, 1),
    gone("HRK", 191, Places(2), "Kuna", 2023, 1),
    gone("IEP", 372, Places(2), "Irish Pound", 2002, 3),
    gone("ILP", 376, Places(2), "Pound", 1981, 12),
    gone("ILR", 376, Places(2), "Old Shekel", 1990, 12),
    gone("ISJ", 352, Places(2), "Old Krona", 1990, 12),
    gone("ITL", 380, Places(0), "Italian Lira", 2002, 3),
    gone("LAJ", 418, Places(2), "Pathet Lao Kip", 1979, 12),
    gone("LSM", 426, Places(2), "Loti", 1985, 5),
    gone("LTL", 440, Places(2), "Lithuanian Litas", 2014, 12),
    gone("LTT", 440, Places(2), "Talonas", 1993, 7),
    gone(
        "LUC",
        989,
        Places(0),
        "Luxembourg Convertible Franc",
        1990,
        3,
    ),
    gone("LUF", 442, Places(0), "Luxembourg Franc", 2002, 3),
    gone("LUL", 988, Places(0), "Luxembourg Financial Franc", 1990, 3),
    gone("LVL", 428, Places(2), "Latvian Lats", 2014, 1),
    gone("LVR", 428, Places(2), "Latvian Ruble", 1994, 12),
    gone("MGF", 450, Places(0), "Malagasy Franc", 2004, 12),
    gone("MLF", 466, Places(2), "Mali Franc", 1984, 11),
    gone("MRO", 478, Places(2), "Ouguiya", 2017, 12),
    gone("MTL", 470, Places(2), "Maltese Lira", 2008, 1),
    gone("MTP", 470, Places(2), "Maltese Pound", 1983, 6),
    gone("MVQ", 462, Places(2), "Maldive Rupee", 1989, 12),
    gone("MXP", 484, Places(2), "Mexican Peso", 1993, 1),
    gone("MZE", 508, Places(2), "Mozambique Escudo", 1981, 12),
    gone("MZM", 508, Places(2), "Mozambique Metical", 2006, 6),
    gone("NIC", 558, Places(2), "Cordoba", 1990, 10),
    gone("NLG", 528, Places(2), "Netherlands Guilder", 2002, 3),
    gone("PEH", 604, Places(2), "Sol", 1990, 12),
    gone("PEI", 604, Places(2), "Inti", 1991, 7),
    gone("PES", 604, Places(2), "Sol", 1986, 2),
    gone("PLZ", 616, Places(2), "Zloty", 1997, 1),
    gone("PTE", 620, Places(0), "Portuguese Escudo", 2002, 3),
    gone("RHD", 716, Places(2), "Rhodesian Dollar", 1981, 12),
    gone("ROK", 642, Places(2), "Leu A/52", 1990, 12),
    gone("ROL", 642, Places(2), "Old Leu", 2005, 6),
    gone("RUR", 810, Places(2), "Russian Ruble", 2004, 1),
    gone("SDD", 736, Places(2), "Sudanese Dinar", 2007, 7),
    gone("SDP", 736, Places(2), "Sudanese Pound", 1998, 6),
    gone("SIT", 705, Places(2), "Tolar", 2007, 1),
    gone("SKK", 703, Places(2), "Slovak Koruna", 2009, 1),
    gone("SLL", 694, Places(2), "Leone", 2023, 12),
    gone("SRG", 740, Places(2), "Surinam Guilder", 2003, 12),
    gone("STD", 678, Places(2), "Dobra", 2017, 12),
    gone("SUR", 810, Places(2), "Rouble", 1990, 12),
    gone("TJR", 762, Places(2), "Tajik Ruble", 2001, 4),
    gone("TMM", 795, Places(2), "Turkmenistan Manat", 2009, 1),
    gone("TPE", 626, Places(0), "Timor Escudo", 2002, 11),
    gone("TRL", 792, Places(0), "Old Turkish Lira", 2005, 12),
    gone("UAK", 804, Places(2), "Karbovanet", 1996, 9),
    gone("UGS", 800, Places(2), "Uganda Shilling", 1987, 5),
    gone("UGW", 800, Places(2), "Old Shilling", 1990, 12),
    gone("USS", 998, Places(2), "US Dollar (same day)", 2014, 3),
    gone("UYN", 858, Places(2), "Old Uruguay Peso", 1989, 12),
    gone("UYP", 858, Places(2), "Uruguayan Peso", 1993, 3),
    gone("VEB", 862, Places(2), "Bolivar", 2008, 1),
    gone("VEF", 937, Places(2), "Bolivar", 2018, 8),
    gone("VNC", 704, Places(2), "Old Dong", 1990, 12),
    gone("XEU", 954, Places(2), "European Currency Unit", 1999, 1),
    gone("XFO", 0, NoUnit, "Gold-Franc", 2006, 10),
    gone("XFU", 0, NoUnit, "UIC-Franc", 2013, 11),
    gone("XRE", 0, NoUnit, "RINET Funds Code", 1999, 11),
    gone("YDD", 720, Places(3), "Yemeni Dinar", 1991, 9),
    gone("YUD", 890, Places(2), "New Yugoslavian Dinar", 1990, 1),
    gone("YUM", 891, Places(2), "New Dinar", 2003, 7),
    gone("YUN", 890, Places(2), "Yugoslavian Dinar", 1995, 11),
    gone("ZAL", 991, Places(2), "Financial Rand", 1995, 3),
    gone("ZMK", 894, Places(2), "Zambian Kwacha", 2012, 12),
    gone("ZRN", 180, Places(2), "New Zaire", 1999, 6),
    gone("ZRZ", 180, Places(2), "Zaire", 1994, 2),
    gone("ZWC", 716, Places(2), "Rhodesian Dollar", 1989, 12),
    gone("ZWD", 716, Places(2), "Zimbabwe Dollar", 2008, 8),
    gone("ZWL", 932, Places(2), "Zimbabwe Dollar", 2024, 9),
    gone("ZWN", 942, Places(2), "Zimbabwe Dollar (new)", 2006, 9),
    gone("ZWR", 935, Places(2), "Zimbabwe Dollar", 2009, 6),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_lists_are_sorted_and_share_no_code() {
        for list in [ACTIVE, HISTORIC] {
            assert!(list.is_sorted_by(|a, b| a.code < b.code));
        }
        assert!(
            HISTORIC
                .iter()
                .all(|row| ACTIVE.iter().all(|active| active.code != row.code))
        );
    }

    #[test]
    fn rows_are_well_formed() {
        for row in all() {
            assert!(row.code.len() == 3 && row.code.bytes().all(|b| b.is_ascii_uppercase()));
            assert!(row.name.is_ascii() && !row.name.is_empty(), "{}", row.code);
            assert!(
                row.numeric.is_none_or(|n| (1..=999).contains(&n)),
                "{}",
                row.code
            );
            assert_eq!(find(row.code), Some(row));
            if let Some(month) = row.withdrawn {
                assert!((1978..=2026).contains(&month.year) && (1..=12).contains(&month.month));
            }
        }
        assert!(ACTIVE.iter().all(|row| row.withdrawn.is_none()));
        assert!(HISTORIC.iter().all(|row| row.withdrawn.is_some()));
    }

    #[test]
    fn active_numeric_codes_are_unique() {
        for (at, row) in ACTIVE.iter().enumerate() {
            assert!(
                ACTIVE
                    .iter()
                    .skip(at + 1)
                    .all(|other| other.numeric != row.numeric)
            );
        }
    }
}
