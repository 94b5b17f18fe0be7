"""Forms of rounds: what a page asks, checked before a service is called."""

from minping_web.rounds.forms.accidents import AreaReasonForm, ExtendForm, PostponeForm, ReprintForm
from minping_web.rounds.forms.fields import ReasonForm
from minping_web.rounds.forms.inviting import (
    FOUND_CHOICES,
    AreaSearchForm,
    DispositionReasonForm,
    DispositionsForm,
    HouseForm,
    PrintForm,
    ReissueForm,
    ReservesForm,
    SendingForm,
)
from minping_web.rounds.forms.preparing import (
    BasicsForm,
    DesignForm,
    QuestionnairesForm,
    RoundFilterForm,
    SeedForm,
    ValueForm,
    design_start,
)

__all__ = [
    "FOUND_CHOICES",
    "AreaReasonForm",
    "AreaSearchForm",
    "BasicsForm",
    "DesignForm",
    "DispositionReasonForm",
    "DispositionsForm",
    "ExtendForm",
    "HouseForm",
    "PostponeForm",
    "PrintForm",
    "QuestionnairesForm",
    "ReasonForm",
    "ReissueForm",
    "ReprintForm",
    "ReservesForm",
    "RoundFilterForm",
    "SeedForm",
    "SendingForm",
    "ValueForm",
    "design_start",
]
