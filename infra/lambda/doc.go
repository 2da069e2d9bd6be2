// Package lambda runs the functions of template.yaml as AWS does, on this machine and for tests:
// the programs that are deployed, each under AWS's own Runtime Interface Emulator; in front of them
// a gateway that has the template's routes, behind them a table's stream and the template's
// schedule, and small stand-ins for SES, S3, EventBridge and Secrets Manager that keep what they get.
//
// What it needs is a server that speaks DynamoDB (storetest), make, and the emulator:
//
//	GOBIN=$PWD/.ci/cache/go go install github.com/aws/aws-lambda-runtime-interface-emulator/cmd/aws-lambda-rie@v0.0.0-20261030222936-bef5c4ba774d
//	SEATMEND_LAMBDA_BIN=$PWD/.ci/cache/go/aws-lambda-rie go test ./infra/lambda
package lambda
