package identity

// lineType is what a numbering plan says about a number, in the numbering of the generator.
type lineType uint8

const (
	lineNone lineType = iota
	lineFixed
	lineMobile
	lineFixedOrMobile
	lineTollFree
	linePremium
	lineSharedCost
	lineVoIP
	linePersonal
	linePager
	lineUAN
	lineVoicemail
	lineData
)

//go:generate go run ./gen

// plan is the numbering plan of one calling code.
type plan struct {
	region  string   // main region
	code    string   // calling code
	root    uint16   // first state of planNext
	lengths uint32   // bit n: landlines or mobiles of n digits exist
	local   uint32   // bit n: numbers of n digits are dialed inside an area
	regions []string // regions that share the calling code
}

// label says whether the national number exists, and as what: 0, or the region's index times 16 plus the line type.
func (p *plan) label(national []byte) uint16 {
	s := p.root
	for _, c := range national {
		s = planNext[s][(c-'0')%10]
	}
	return planAccept[s]
}

func (p *plan) minLength() int {
	for n := range 16 {
		if p.lengths&(1<<n) != 0 {
			return n
		}
	}
	return 0
}

func (p *plan) maxLength() int {
	for n := 16; n > 0; n-- {
		if p.lengths&(1<<n) != 0 {
			return n
		}
	}
	return 0
}

// planOfRegion returns the plan that a country's numbers belong to, nil when it has no table.
func planOfRegion(region string) *plan {
	if region == "BR" {
		return &plans[planBR]
	}
	for i := range plans {
		p := &plans[i]
		if p.region == region {
			return p
		}
	}
	for i := range plans {
		p := &plans[i]
		if len(p.regions) == 1 {
			continue
		}
		for _, r := range p.regions {
			if r == region {
				return p
			}
		}
	}
	return nil
}

// planOfCode returns the plan whose calling code the digits start with, nil when it has no table.
func planOfCode(digits []byte) *plan {
	if len(digits) < 3 || digits[0] == '0' {
		return nil
	}
	if digits[0] == '1' {
		return planByCode[1]
	}
	two := int(digits[0]-'0')*10 + int(digits[1]-'0')
	if p := planByCode[two]; p != nil {
		return p
	}
	return planByCode[two*10+int(digits[2]-'0')]
}

// planBR is the index of Brazil's plan.
const planBR = 2

// planByCode finds a plan by calling code. Codes of different lengths do not collide: no calling code is the
// beginning of another.
var planByCode = func() (byCode [1000]*plan) {
	for i := range plans {
		code := 0
		for _, c := range plans[i].code {
			code = code*10 + int(c-'0')
		}
		byCode[code] = &plans[i]
	}
	return byCode
}()
