package dynamo

import (
	"bytes"
	"compress/flate"
	_ "embed"
	"fmt"
	"io"
	"sync"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// dictionary is what stored bodies are made of beside a customer's own words: names of fields in the
// order in which they are written. What is stored names its dictionary, so this one never changes; a
// better one would be another.
//
//go:embed dictionary.txt
var dictionary []byte

// A squeezed body begins with a byte that says how it is to be read.
const (
	plain    = 0
	deflated = 1 // by dictionary
)

var deflaters = sync.Pool{New: func() any {
	w, err := flate.NewWriterDict(io.Discard, flate.DefaultCompression, dictionary)
	if err != nil {
		panic(err) // unreachable: the level is one
	}
	return w
}}

var inflaters = sync.Pool{New: func() any { return flate.NewReaderDict(bytes.NewReader(nil), dictionary) }}

// squeezed is a body as it is stored: units are counted by its bytes.
func squeezed(body []byte) *types.AttributeValueMemberB {
	var b bytes.Buffer
	b.WriteByte(deflated)
	w := deflaters.Get().(*flate.Writer)
	defer deflaters.Put(w)
	w.Reset(&b)
	_, _ = w.Write(body)
	_ = w.Close() // a buffer takes everything
	if b.Len() > len(body) {
		b.Reset()
		b.WriteByte(plain)
		b.Write(body)
	}
	return &types.AttributeValueMemberB{Value: b.Bytes()}
}

// unsqueezed reads what squeezed wrote, and text as it was stored before. Nothing is nil.
func unsqueezed(v types.AttributeValue) ([]byte, error) {
	switch v := v.(type) {
	case *types.AttributeValueMemberS:
		return []byte(v.Value), nil
	case *types.AttributeValueMemberB:
		if len(v.Value) == 0 {
			return nil, fmt.Errorf("store: a body without its first byte")
		}
		switch v.Value[0] {
		case plain:
			return v.Value[1:], nil
		case deflated:
			r := inflaters.Get().(io.ReadCloser)
			defer inflaters.Put(r)
			if err := r.(flate.Resetter).Reset(bytes.NewReader(v.Value[1:]), dictionary); err != nil {
				return nil, err
			}
			return io.ReadAll(r)
		}
		return nil, fmt.Errorf("store: a body of kind %d, which this build does not know", v.Value[0])
	}
	return nil, nil
}

// sizeIn is how many bytes an attribute takes.
func sizeIn(it item, name string) int {
	switch v := it[name].(type) {
	case *types.AttributeValueMemberS:
		return len(v.Value)
	case *types.AttributeValueMemberB:
		return len(v.Value)
	}
	return 0
}
