"""The demonstration's policy and protocol. Every number is invented and odd on purpose (R143):
none of them is an example of how to treat anyone."""

from typing import Any

from api.demo_forms import CHECKLIST, DISCHARGE, INTAKE
from protocol.rules.protocols import PolicyDocument, ProtocolDocument

DRUG_LINE = "examplamine"
_PRESSURE = "mm[Hg]"


def policy() -> PolicyDocument:
    """The invented clinic's scales, plausible ranges and limits."""
    return PolicyDocument.model_validate(
        {
            "name": "Invented policy of the demonstration clinic",
            "late_entry_after_min": 17,
            "scales": {
                "pain-rest": _scale("10", {"0": "no pain", "10": "worst pain imaginable"}),
                "pain-movement": _scale("10", {"0": "no pain", "10": "worst pain imaginable"}),
                "sedation": _scale("4", {"0": "awake", "4": "does not respond"}),
                "dissociation": _scale("4", {"0": "none", "4": "complete"}),
                "nausea": _scale("3", {"0": "none", "3": "vomiting"}),
            },
            "plausible": [
                _range("heart-rate", "31", "199", "/min"),
                _range("systolic", "61", "239", _PRESSURE),
                _range("diastolic", "31", "139", _PRESSURE),
                _range("spo2", "71", "100", "%"),
                _range("respiratory-rate", "5", "41", "/min"),
                _range("temperature", "33.1", "41.3", "Cel"),
            ],
            "limits": [
                _bound("heart-rate-high", "heart-rate", "/min", "soft", high="113"),
                _bound("heart-rate-low", "heart-rate", "/min", "soft", low="47"),
                _bound("systolic-high", "systolic", _PRESSURE, "hard", high="177"),
                _bound("systolic-low", "systolic", _PRESSURE, "hard", low="83"),
                _bound("spo2-low", "spo2", "%", "hard", low="91"),
                _bound("sedation-high", "sedation", "{score}", "soft", high="2"),
            ],
            "keeping": {
                "audit_review_every_days": 13,
                "amendment_answer_days": 37,
                "regular_charting": {"identical_sets": 5, "entries": 7, "within_s": 19},
            },
            "correction_reasons": ["Mistyped", "Wrong field", "Read again from the monitor"],
            "override_reasons": ["Known to the physician, who was present", "Movement artefact"],
        }
    )


def protocol() -> ProtocolDocument:
    """An invented protocol in three phases, each with its own rounds."""
    return ProtocolDocument.model_validate(
        {
            "name": "Examplamine infusion, invented for the demonstration",
            "forms": [INTAKE, CHECKLIST, DISCHARGE],
            "phases": [
                {"code": "before", "label": "Before the infusion", "rounds": [_BASELINE]},
                {
                    "code": "infusion",
                    "label": "Infusion",
                    "rounds": [_CIRCULATION, _AWARENESS, _PAIN],
                },
                {"code": "recovery", "label": "Recovery", "rounds": [_RECOVERY, _LEAVING]},
            ],
            "drug_lines": [
                {
                    "code": DRUG_LINE,
                    "drug": "Examplamine",
                    "concentration": {
                        "amount": {"value": "37", "unit": "mg"},
                        "volume": {"value": "50", "unit": "mL"},
                    },
                    "diluent": "Invented saline",
                    "route": "intravenous",
                    "note": "There is no such drug.",
                }
            ],
            "limits": [
                _drug("rate-high", "rate", "19.7", "mL/h", "hard"),
                _drug("dose-high", "cumulative-dose-per-kg", "0.31", "mg/kg", "hard"),
                _drug("rate-unusual", "rate", "17.3", "mL/h", "soft"),
            ],
            "stop_notes": [_STOP_NOTE],
        }
    )


_STOP_NOTE = {
    "label": "Calling the physician",
    "text": "The clinic's own words stand here; these are invented.",
}


def _scale(high: str, anchors: dict[str, str]) -> dict[str, Any]:
    return {"low": "0", "high": high, "anchors": anchors}


def _range(measure: str, low: str, high: str, unit: str) -> dict[str, str]:
    return {"measure": measure, "low": low, "high": high, "unit": unit}


def _bound(code: str, measure: str, unit: str, severity: str, **bound: str) -> dict[str, str]:
    return {
        "code": code, "on": "measure", "measure": measure, "unit": unit, "severity": severity,
        **bound,
    }  # fmt: skip


def _drug(code: str, on: str, high: str, unit: str, severity: str) -> dict[str, str]:
    return {
        "code": code, "on": on, "drug_line": DRUG_LINE, "high": high, "unit": unit,
        "severity": severity,
    }  # fmt: skip


_VITALS = ["systolic", "diastolic", "heart-rate", "spo2", "respiratory-rate"]
_BASELINE = {
    "code": "baseline", "label": "Baseline", "measures": [*_VITALS, "temperature", "pain-rest"],
    "at_min": [3], "grace_min": 9,
}  # fmt: skip
_CIRCULATION = {
    "code": "circulation", "label": "Circulation and breathing", "measures": _VITALS,
    "anchor": "infusion-start", "at_min": [0],
    "intervals": [{"every_min": 7, "for_min": 14}, {"every_min": 13}], "grace_min": 3,
}  # fmt: skip
_AWARENESS = {
    "code": "awareness", "label": "Awareness", "measures": ["sedation", "dissociation", "nausea"],
    "anchor": "infusion-start", "intervals": [{"every_min": 14}], "grace_min": 4,
}  # fmt: skip
_PAIN = {
    "code": "pain", "label": "Pain", "measures": ["pain-rest", "pain-movement"],
    "anchor": "infusion-start", "intervals": [{"every_min": 27}], "grace_min": 6,
}  # fmt: skip
_RECOVERY = {
    "code": "recovery-vitals", "label": "Vital signs in recovery", "measures": _VITALS,
    "intervals": [{"every_min": 13}], "grace_min": 4,
}  # fmt: skip
_LEAVING = {
    "code": "leaving", "label": "Before leaving", "measures": ["pain-rest", "sedation", "nausea"],
    "at_min": [26], "grace_min": 7,
}  # fmt: skip
