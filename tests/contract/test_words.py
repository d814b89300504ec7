"""Every word that we know of the vendor's is one it has, and there is no other."""

from enum import StrEnum

import pytest

from incidents.coralogix.incidents import enums
from tests.contract.document import document

SCHEMAS = {
    "IncidentSeverity": enums.IncidentSeverity,
    "IncidentStatus": enums.IncidentStatus,
    "IncidentState": enums.IncidentState,
    "IncidentEventType": enums.EventType,
    "UpsertIncidentStateType": enums.UpsertStateType,
    "OriginatorType": enums.OriginatorType,
    "IncidentEventAlertType": enums.AlertType,
    "IncidentFields": enums.Field,
    "v1.OrderByDirection": enums.SortDirection,
    "v1.FilterOperator": enums.FilterOperator,
    "IncidentEventOrderByFieldType": enums.EventOrder,
}


@pytest.mark.parametrize(("schema", "ours"), SCHEMAS.items())
def test_our_words_are_the_vendor_s(schema: str, ours: type[StrEnum]) -> None:
    theirs = document("5").whole["components"]["schemas"][schema]["enum"]

    assert sorted(ours) == sorted(theirs)
