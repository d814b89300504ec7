"""Every word that we know of the vendor's is one it has, and there is no other."""

from enum import StrEnum

import pytest

from incidents.coralogix.wire import enums as words
from tests.contract.document import document

SCHEMAS = {
    "IncidentSeverity": words.IncidentSeverity,
    "IncidentStatus": words.IncidentStatus,
    "IncidentState": words.IncidentState,
    "IncidentEventType": words.EventType,
    "UpsertIncidentStateType": words.UpsertStateType,
    "OriginatorType": words.OriginatorType,
    "IncidentEventAlertType": words.AlertType,
    "IncidentFields": words.Field,
    "v1.OrderByDirection": words.Direction,
    "v1.FilterOperator": words.FilterOperator,
    "IncidentEventOrderByFieldType": words.EventOrder,
}


@pytest.mark.parametrize(("schema", "ours"), SCHEMAS.items())
def test_our_words_are_the_vendor_s(schema: str, ours: type[StrEnum]) -> None:
    theirs = document("5").whole["components"]["schemas"][schema]["enum"]

    assert sorted(ours) == sorted(theirs)
