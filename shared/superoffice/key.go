package superoffice

import (
	"bytes"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"encoding/xml"
	"errors"
	"fmt"
	"math/big"
	"strings"
)

// ReadKey reads an application's RSA key, as SuperOffice hands it out, in XML, or in PEM: PKCS#8, or
// PKCS#1 as older tools write it. Its errors quote nothing of what they read.
func ReadKey(text []byte) (*rsa.PrivateKey, error) {
	if bytes.Contains(text, []byte("<RSAKeyValue")) {
		return readXML(text)
	}
	block, _ := pem.Decode(text)
	if block == nil {
		return nil, errors.New("superoffice: key: neither PEM nor <RSAKeyValue>; paste the private key whole, as SuperOffice handed it out")
	}
	if key, err := x509.ParsePKCS1PrivateKey(block.Bytes); err == nil {
		return key, nil
	}
	any, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil && strings.Contains(block.Type, "PUBLIC") {
		return nil, errors.New("superoffice: key: it is the public one; the private key is needed")
	}
	if err != nil {
		return nil, errors.New("superoffice: key: neither PKCS#8 nor PKCS#1; one with a password must be written without it")
	}
	key, ok := any.(*rsa.PrivateKey)
	if !ok {
		return nil, errors.New("superoffice: key: not an RSA key")
	}
	return key, nil
}

// readXML reads a key as .NET writes it: base64 of its numbers, the most significant byte first.
func readXML(text []byte) (*rsa.PrivateKey, error) {
	var said struct{ Modulus, Exponent, D, P, Q string }
	if err := xml.Unmarshal(text, &said); err != nil {
		return nil, errors.New("superoffice: key: <RSAKeyValue> is not XML to its end; paste it whole")
	}
	if said.D == "" && said.P == "" && said.Q == "" {
		return nil, errors.New("superoffice: key: <RSAKeyValue> has no D, P and Q: it is the public one; the private key is needed")
	}
	numbers := map[string]*big.Int{}
	for name, value := range map[string]string{"Modulus": said.Modulus, "Exponent": said.Exponent, "D": said.D, "P": said.P, "Q": said.Q} {
		b, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(value), ""))
		if err != nil || len(b) == 0 {
			return nil, fmt.Errorf("superoffice: key: <RSAKeyValue> has no %s in base64; paste it whole", name)
		}
		numbers[name] = new(big.Int).SetBytes(b)
	}
	if e := numbers["Exponent"]; e.BitLen() > 31 {
		return nil, errors.New("superoffice: key: the Exponent of <RSAKeyValue> is too large")
	}
	key := &rsa.PrivateKey{
		PublicKey: rsa.PublicKey{N: numbers["Modulus"], E: int(numbers["Exponent"].Int64())},
		D:         numbers["D"], Primes: []*big.Int{numbers["P"], numbers["Q"]},
	}
	if key.Validate() != nil {
		return nil, errors.New("superoffice: key: the numbers of <RSAKeyValue> are not those of one key; paste it whole, as SuperOffice handed it out")
	}
	key.Precompute()
	return key, nil
}
