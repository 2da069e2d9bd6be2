// Command senders is a sender in Go: it signs a body as Standard Webhooks says, and posts it.
//
//	SEATMEND_SECRET=whsec_... go run ./events/senders http://127.0.0.1:8080/billing/standard msg_1 body.json
package main

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"io"
	"log"
	"net/http"
	"os"
	"strings"
	"time"
)

func main() {
	url, id, file := os.Args[1], os.Args[2], os.Args[3] // the id is the event's: the same each time that it is sent
	body, err := os.ReadFile(file)
	if err != nil {
		log.Fatal(err)
	}
	key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(os.Getenv("SEATMEND_SECRET"), "whsec_"))
	if err != nil {
		log.Fatal(err)
	}
	at := fmt.Sprint(time.Now().Unix())
	mac := hmac.New(sha256.New, key)
	fmt.Fprintf(mac, "%s.%s.%s", id, at, body) // these very bytes are posted

	req, err := http.NewRequest("POST", url, bytes.NewReader(body))
	if err != nil {
		log.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("webhook-id", id)
	req.Header.Set("webhook-timestamp", at)
	req.Header.Set("webhook-signature", "v1,"+base64.StdEncoding.EncodeToString(mac.Sum(nil)))
	client := &http.Client{Timeout: 30 * time.Second}
	resp, err := client.Do(req)
	if err != nil {
		log.Fatal(err) // send it again later, under the same id
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(resp.StatusCode, string(answer))
	if resp.StatusCode != 200 {
		os.Exit(1)
	}
}
