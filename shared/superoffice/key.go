package superoffice

import (
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
)

// ReadKey reads an application's RSA key, in PEM: PKCS#8, or PKCS#1 as older tools write it.
// Its errors quote nothing of what they read.
func ReadKey(text []byte) (*rsa.PrivateKey, error) {
	block, _ := pem.Decode(text)
	if block == nil {
		return nil, errors.New("superoffice: key: not PEM")
	}
	if key, err := x509.ParsePKCS1PrivateKey(block.Bytes); err == nil {
		return key, nil
	}
	any, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return nil, errors.New("superoffice: key: neither PKCS#8 nor PKCS#1")
	}
	key, ok := any.(*rsa.PrivateKey)
	if !ok {
		return nil, errors.New("superoffice: key: not an RSA key")
	}
	return key, nil
}
