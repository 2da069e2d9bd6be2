package superoffice_test

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"math/big"
	"slices"
	"strings"
	"testing"

	"seatmend/shared/superoffice"
)

// inXML is a key as SuperOffice hands it out, without the parts that are named.
func inXML(key *rsa.PrivateKey, without ...string) string {
	var b strings.Builder
	b.WriteString("<RSAKeyValue>\r\n")
	for _, part := range []struct {
		name string
		n    *big.Int
	}{{"Modulus", key.N}, {"Exponent", big.NewInt(int64(key.E))}, {"P", key.Primes[0]}, {"Q", key.Primes[1]}, {"DP", key.Precomputed.Dp}, {"DQ", key.Precomputed.Dq}, {"InverseQ", key.Precomputed.Qinv}, {"D", key.D}} {
		if !slices.Contains(without, part.name) {
			b.WriteString("  <" + part.name + ">" + base64.StdEncoding.EncodeToString(part.n.Bytes()) + "</" + part.name + ">\r\n")
		}
	}
	return b.String() + "</RSAKeyValue>"
}

func TestKeysAreReadAsTheyAreHandedOut(t *testing.T) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	other, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	pkcs8, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	whole := inXML(key)
	mixed := *key
	mixed.D = other.D
	for name, c := range map[string]struct{ text, fault string }{
		"XML":                                {whole, ""},
		"XML with a heading":                 {`<?xml version="1.0"?>` + whole + "\n", ""},
		"XML in one line":                    {strings.NewReplacer("\r\n", "", "  ", "").Replace(whole), ""},
		"XML without what can be worked out": {inXML(key, "DP", "DQ", "InverseQ"), ""},
		"PKCS#1":                             {string(pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)})), ""},
		"PKCS#8":                             {string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: pkcs8})), ""},
		"the public one in XML":              {inXML(key, "P", "Q", "DP", "DQ", "InverseQ", "D"), "it is the public one"},
		"the public one in PEM":              {string(pem.EncodeToMemory(&pem.Block{Type: "RSA PUBLIC KEY", Bytes: x509.MarshalPKCS1PublicKey(&key.PublicKey)})), "it is the public one"},
		"XML without primes":                 {inXML(key, "P", "Q"), "has no "},
		"XML cut short":                      {whole[:len(whole)/2], "not XML to its end"},
		"XML of two keys":                    {inXML(&mixed), "not those of one key"},
		"neither":                            {"MIIE" + strings.Repeat("A", 40), "neither PEM nor <RSAKeyValue>"},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := superoffice.ReadKey([]byte(c.text))
			switch {
			case c.fault == "" && (err != nil || !got.Equal(key)):
				t.Errorf("not read: %v", err)
			case c.fault != "" && (err == nil || !strings.Contains(err.Error(), c.fault)):
				t.Errorf("says %v, want %q", err, c.fault)
			case err != nil && (strings.Contains(err.Error(), "MII") || len(err.Error()) > 200):
				t.Errorf("it quotes the key: %v", err)
			}
		})
	}
}
