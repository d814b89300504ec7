"""
Convert a SAM template into the CloudFormation that AWS makes of it; no AWS needed.

Run by the interpreter of the tool `sam`: translate.py TEMPLATE, JSON on stdout.
"""

import json
import sys
from pathlib import Path

from samtranslator.parser.parser import Parser
from samtranslator.translator.translator import Translator
from samtranslator.yaml_helper import yaml_parse

template = yaml_parse(Path(sys.argv[1]).read_text())
for resource in template["Resources"].values():
    if resource["Type"] == "AWS::Serverless::Function":
        resource["Properties"]["CodeUri"] = {"Bucket": "code", "Key": "sync.zip"}
json.dump(Translator({}, Parser()).translate(template, {}), sys.stdout)
