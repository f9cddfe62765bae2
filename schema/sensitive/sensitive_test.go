package sensitive

import (
	"strings"
	"testing"
	"unicode"
)

func TestDigitsOfEveryScriptAreDigits(t *testing.T) {
	for _, ten := range []string{"0123456789", "\uFF10\uFF11\uFF12\uFF13\uFF14\uFF15\uFF16\uFF17\uFF18\uFF19", "٠١٢٣٤٥٦٧٨٩", "०१२३४५६७८९", "௦௧௨௩௪௫௬௭௮௯", "𝟎𝟏𝟐𝟑𝟒𝟓𝟔𝟕𝟖𝟗", "𝟶𝟷𝟸𝟹𝟺𝟻𝟼𝟽𝟾𝟿"} {
		if got := strings.Map(plain, ten); got != "0123456789" {
			t.Errorf("%s is read as %s", ten, got)
		}
	}
	ends := 0
	for r := range rune(unicode.MaxRune) {
		if unicode.IsDigit(r) && plain(r) == '9' {
			ends++
		}
		if unicode.IsDigit(r) && !unicode.IsDigit(r+1) && plain(r) != '9' {
			t.Errorf("%U ends a row of digits as %c", r, plain(r))
		}
	}
	if ends < 60 {
		t.Errorf("only %d scripts have a nine", ends)
	}
}
