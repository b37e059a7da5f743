"""Registers of controlled drugs from the command line: profile, counts, log, losses, scan."""

import csv
import json
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader
from uuid_utils.compat import uuid7

from protocol.commands import receiving, stocking
from protocol.commands.proving import system_actor
from protocol.records.clinics import clinic_by
from protocol.records.database import Database
from protocol.rules.actions import Actor, Role
from protocol.rules.custody import LocationIn, ProductIn, ReceiptIn
from tests.api.clinic import NOW, ago
from tests.api.test_cli import SECRETS, Ask, ask, in_force, init, on_either  # noqa: F401
from tests.commands.vault import PRODUCT, PROFILE, SUPPLIER

EXAMPLE = Path(__file__).parents[2] / ".readme" / "jurisdiction-us-federal.yaml"
