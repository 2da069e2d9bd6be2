"""Prints template.yaml as CloudFormation will see it, so that a linter can read what SAM hides.

    python infra/template/translate.py template.yaml > translated.json

Needs samtranslator, which comes with aws-sam-cli, and no AWS account.
"""

import json
import sys

import boto3
from samtranslator.parser.parser import Parser
from samtranslator.translator.translator import Translator
from samtranslator.yaml_helper import yaml_parse

with open(sys.argv[1], encoding="utf-8") as file:
    template = yaml_parse(file)

# The translator wants code to lie in S3, where `sam deploy` puts it.
template["Globals"]["Function"]["CodeUri"] = "s3://bucket/code.zip"

session = boto3.Session(region_name="eu-north-1")
json.dump(Translator({}, Parser(), boto_session=session).translate(template, {}), sys.stdout, indent=1)
