package money

import (
	"fmt"
	"strings"
)

// Currency is an ISO 4217 code.
type Currency string

// INR is the rupee, the default currency.
const INR Currency = "INR"

// ParseCurrency accepts the three capital letters of an active ISO 4217 currency.
func ParseCurrency(text string) (Currency, error) {
	if len(text) == 3 && strings.Contains(iso4217, " "+text+" ") {
		return Currency(text), nil
	}
	return "", fmt.Errorf("%q is not the three capital letters of an ISO 4217 currency", text)
}

// Decimals returns the number of decimals of the currency: 2 for INR, 0 for JPY, 3 for BHD.
func (c Currency) Decimals() int {
	switch {
	case strings.Contains(noDecimals, " "+string(c)+" "):
		return 0
	case strings.Contains(threeDecimals, " "+string(c)+" "):
		return 3
	}
	return 2
}

const (
	noDecimals    = " BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF "
	threeDecimals = " BHD IQD JOD KWD LYD OMR TND "

	// iso4217 is ISO 4217 list one without funds, metals and testing codes.
	iso4217 = " AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD " +
		"CAD CDF CHF CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF " +
		"GTQ GYD HKD HNL HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP " +
		"LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB " +
		"PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL " +
		"THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD UYU UZS VED VES VND VUV WST XAF XCD XCG XOF XPF YER ZAR " +
		"ZMW ZWG "
)
