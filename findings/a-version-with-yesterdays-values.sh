#!/usr/bin/env bash
# aws-sam-translator: a function's alias stays at the version that has the old value of a parameter.
#
# One would guess: AutoPublishAlias publishes a new version whenever the function is another, and with
# AutoPublishAliasAllProperties (its documentation: "whenever any property of the function changes") the value of a variable counts.
#
# Seen on 2026-11-30 with aws-sam-translator 1.115.0: the version's logical id is a hash of the template's text, in which a parameter is
# {"Ref": "Setting"}. With another value of it the translated stack has the very same version, so CloudFormation publishes none:
# the function's latest code has the new value, and the alias, to which all events go, the old one. The deployment succeeds and
# says nothing. A value that is written into the template itself makes a new version in both ways.
# (aws/serverless-application-model, issues 1640, closed, and 3820, open.)
#
# Why it matters here: settings and a restored table come by parameters. What makes a version of ours new, decision 21 says.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

cat >translate.py <<'END'
import boto3
from samtranslator.parser.parser import Parser
from samtranslator.translator.translator import Translator


def version(variable, value, everything):
    template = {
        "Transform": "AWS::Serverless-2016-10-31",
        "Parameters": {"Setting": {"Type": "String", "Default": "none"}},
        "Resources": {"F": {"Type": "AWS::Serverless::Function", "Properties": {
            "Runtime": "provided.al2023", "Handler": "bootstrap", "CodeUri": "s3://bucket/code.zip", "AutoPublishAlias": "live",
            "AutoPublishAliasAllProperties": everything, "Environment": {"Variables": {"SETTING": variable}}}}},
    }
    session = boto3.Session(region_name="eu-north-1")
    translated = Translator({}, Parser(), boto_session=session).translate(template, {"Setting": value})
    return [name for name, r in translated["Resources"].items() if r["Type"] == "AWS::Lambda::Version"]


for everything in (False, True):
    for what, (one, other) in {
        "another value of a parameter": (version({"Ref": "Setting"}, "old", everything), version({"Ref": "Setting"}, "new", everything)),
        "another value in the template": (version("old", "x", everything), version("new", "x", everything)),
    }.items():
        print(f"all properties {everything}, {what}: {'the same version' if one == other else 'a new version'}")
END
cat >recorded <<'END'
all properties False, another value of a parameter: the same version
all properties False, another value in the template: a new version
all properties True, another value of a parameter: the same version
all properties True, another value in the template: a new version
END
python3 -m venv python
python/bin/pip install --quiet aws-sam-translator==1.115.0
python/bin/pip list 2>/dev/null | grep sam-translator
python/bin/python translate.py 2>/dev/null | tee seen
diff -u recorded seen # fails when the behaviour is another
