"""PDUs that others have published, with what they read in them.

Sources, by the name of each sample: `spec` the bind_transmitter that SMPP 3.4 3.2.2 lays out;
`wikipedia` the submit_sm of the article on SMPP; `cloudhopper` the tests of twitter-archive/cloudhopper-smpp
(PduDecoderTest, Apache-2.0); `smpp.pdu` the tests of mozes/smpp.pdu (Apache-2.0); `node-smpp` the tests of
farhadi/node-smpp (MIT); `smpp_parser` the tests of K2InformaticsGmbH/smpp_parser (tests.hrl).
"""

from typing import Any

import pytest

from connectors.smpp.dissect import dissect

SOUND: list[tuple[str, str, str, int, dict[str, Any]]] = [
    (
        "spec",
        "0000002F000000020000000000000001534D50503354455354007365637265743038005355424D4954310000010100",
        "bind_transmitter",
        1,
        {
            "system_id": "SMPP3TEST",
            "password": "secret08",
            "system_type": "SUBMIT1",
            "addr_ton": 1,
            "address_range": "",
        },
    ),
    (
        "wikipedia",
        "0000003C000000040000000000000005000208353535000101353535353535353535000000000000000000000F48656C6C6F2077696B"
        "697065646961",
        "submit_sm",
        5,
        {"source_addr_ton": 2, "source_addr_npi": 8, "source_addr": "555", "destination_addr": "555555555"},
    ),
    (
        "cloudhopper",
        "00000025000000010000000000039961747769747465720074776974746572000034000000",
        "bind_receiver",
        235873,
        {"system_id": "twitter", "password": "twitter", "interface_version": 0x34},
    ),
    (
        "cloudhopper",
        "00000015800000090000000e00004db3534d534300",
        "bind_transceiver_resp",
        19891,
        {"system_id": "SMSC"},
    ),
    (
        "cloudhopper",
        "0000002D000000080000000000004FE80031323334350001013430343034000101343439353133363139323000",
        "cancel_sm",
        20456,
        {"message_id": "12345", "source_addr": "40404", "destination_addr": "44951361920"},
    ),
    (
        "cloudhopper",
        "0000001E000000030000000000004FE83132333435000101343034303400",
        "query_sm",
        20456,
        {"message_id": "12345", "source_addr": "40404"},
    ),
    (
        "cloudhopper",
        "00000019800000030000000000004FE8313233343500000600",
        "query_sm_resp",
        20456,
        {"message_id": "12345", "final_date": "", "message_state": 6, "error_code": 0},
    ),
    (
        "cloudhopper",
        "00000050000000070000000000004FE86D73672D313233343500010135353532373130303030003135303230333034303530363730382B"
        "00303130323033303430353036303030520001020474657874",
        "replace_sm",
        20456,
        {"message_id": "msg-12345", "validity_period": "010203040506000R", "registered_delivery": 1},
    ),
    (
        "cloudhopper",
        "00000025000001020000000200004FE8010135353532373130303030000101343034303400",
        "alert_notification",
        20456,
        {"source_addr": "5552710000", "esme_addr": "40404"},
    ),
    (
        "cloudhopper",
        "000000300000010300000000000000000001013535353237313030303000000139363935000001000424000454657374",
        "data_sm",
        0,
        {"source_addr": "5552710000", "destination_addr": "9695", "registered_delivery": 1},
    ),
    ("cloudhopper", "0000001080000015000000000a342eed", "enquire_link_resp", 171192045, {}),
    ("smpp.pdu", "00000010800000000000000800000000", "generic_nack", 0, {}),
    ("smpp.pdu", "000000108000000400000014000004d2", "submit_sm_resp", 1234, {}),
    (
        "smpp.pdu",
        "0000001c800000030000000000000000536d73633230303300000700",
        "query_sm_resp",
        0,
        {"message_id": "Smsc2003", "message_state": 7},
    ),
    (
        "smpp.pdu",
        "000000360000000400000000000024440005006d6f62696c65776179000101313230383233300000000000000100f2000548454c4c4f",
        "submit_sm",
        9284,
        {"source_addr_ton": 5, "source_addr": "mobileway", "data_coding": 0xF2, "short_message": "48454c4c4f"},
    ),
    (
        "node-smpp",
        "0000003f000000040000000000000002000100343637303131333331313100010134363730393737313333370040000000000000010008"
        "03240103747B7374",
        "submit_sm",
        2,
        {"source_addr": "46701133111", "destination_addr": "46709771337", "esm_class": 0x40},
    ),
    (
        "node-smpp",
        "0000001480000003000000000000000200000200",
        "query_sm_resp",
        2,
        {"message_id": "", "final_date": "", "message_state": 2},
    ),
    (
        "smpp_parser",
        "00000051000000040000000000000001343131350001093139322E3235342E3235342E31370003013134382E3234372E3135"
        "372E3235000300000000000000000002050001040204000200030426000101",
        "submit_sm",
        1,
        {"source_addr": "192.254.254.17", "source_addr_npi": 9, "destination_addr": "148.247.157.25", "esm_class": 3},
    ),
    (
        "smpp_parser",
        "000000520000000700000000000000013500030E31322E3135332E32352E3438003136303130343135343432333631322D00"
        "3136303130343135343432393631322D001A060C74657374206D657373616765",
        "replace_sm",
        1,
        {"message_id": "5", "registered_delivery": 26, "sm_default_msg_id": 6, "validity_period": "160104154429612-"},
    ),
    (
        "smpp_parser",
        "000000A90000011100000000000000014755545300000E3139322E3136382E312E3100746869735F636F756C645F62655F61"
        "5F6D6573736167655F6964000439393037323431373534343430303052003939303832333136353334333030305200000F3F"
        "06060023016D795F62726F6164636173745F617265615F6964656E7469666965725F30303030370601000300003306040002"
        "000006050003080003130C000103030200010B",
        "broadcast_sm",
        1,
        {"service_type": "GUTS", "priority_flag": 4, "data_coding": 15, "sm_default_msg_id": 63},
    ),
    (
        "smpp_parser",
        "0000005C800001120000000000000001746869735F636F756C645F62655F615F6D6573736167655F69640004270001020606"
        "0023016D795F62726F6164636173745F617265615F6964656E7469666965725F30303031300608000100",
        "query_broadcast_sm_resp",
        1,
        {"message_id": "this_could_be_a_message_id"},
    ),
    (
        "smpp_parser",
        "0000003E800000030000000000000001746869735F636F756C645F62655F615F6D6573736167655F69640039393031303130"
        "30303030303030302B000531",
        "query_sm_resp",
        1,
        {"final_date": "990101000000000+", "message_state": 5, "error_code": 49},
    ),
]


@pytest.mark.parametrize(("source", "octets", "command", "sequence", "fields"), SOUND)
def test_a_published_pdu_reads_as_published(
    source: str, octets: str, command: str, sequence: int, fields: dict[str, Any]
) -> None:
    (pdu,) = dissect(bytes.fromhex(octets))
    assert (pdu.error, pdu.command, pdu.sequence_number) == (None, command, sequence), source
    assert pdu.command_length == len(octets) // 2
    assert {name: pdu.body[name] for name in fields} == fields


DELIVERED: list[tuple[str, str, str, dict[str, Any]]] = [
    (
        "smpp.pdu",
        "0000004d00000005000000009f88f124415753424400010131363530353535313233340001013137373335353534303730000000000000"
        "00000300117468657265206973206e6f2073706f6f6e",
        "there is no spoon",
        {},
    ),
    (
        "smpp.pdu",
        "000000480000000500000000dfd03a564157534244000101313535353132333435363700010131373733383238343037300000000000"
        "00000008000c00f10075014400ed00fc0073",
        "\u00f1u\u0144\u00ed\u00fcs",
        {},
    ),
    (
        "smpp.pdu",
        "0000004200000005000000002a603d56415753424400010131353535313233343536370001013137373338323834303730000000000000"
        "000003000645737061f161",
        "Espa\u00f1a",
        {},
    ),
    (
        "smpp.pdu",
        "00000054000000050000000008c72a4154454c4550000101313535353535353535353500010131343034363635333431300000ff010000"
        "000001000e49732074686973206a757374696e0201000100020d000101",
        "Is this justin",
        {"privacy_indicator": 0, "language_indicator": 1},
    ),
    (
        "smpp.pdu",
        "000000b900000005000000000000000a434d54000100363531353535353637380001003132330004000000000000000076"
        "69643a31383931323733333231207375623a30303120646c7672643a303031207375626d697420646174653a3133303530353038323620"
        "646f6e6520646174653a3133303530353038323620737461743a44454c49565244206572723a30303020546578743a444c56524420544f"
        "204d4f42494c45000427000102001e0009373042413841363900",
        "id:1891273321 sub:001 dlvrd:001 submit date:1305050826 done date:1305050826 stat:DELIVRD err:000 "
        "Text:DLVRD TO MOBILE@",
        {"message_state": 2, "receipted_message_id": "70BA8A69"},
    ),
    (
        "smpp.pdu",
        "00000066000000050000000000000001424d38000101343631323334353637383900010131343034363635333431300000000000000000"
        "f2001b48656c6c6f2049276d206120626967672066616e206f6620796f7502020004a037343202030005a034313331",
        "Hello I'm a bigg fan of you",
        {
            "source_subaddress": {"type": 0xA0, "address": "373432"},
            "dest_subaddress": {"type": 0xA0, "address": "34313331"},
        },
    ),
    (
        "cloudhopper",
        "000000640000000500000000000547EB0002013434393531333631393200040934303430340000000000000000000000000E000101000600"
        "010104240026404D616964656E6D616E363634207761732069742073617070793F2026526F6D616E7469633F",
        "\u00a1Maidenman664 was it sappy? &Romantic?",
        {"source_network_type": 1, "dest_network_type": 1},
    ),
]


@pytest.mark.parametrize(("source", "octets", "text", "tlvs"), DELIVERED)
def test_a_published_deliver_sm_says_its_text_and_tlvs(
    source: str, octets: str, text: str, tlvs: dict[str, Any]
) -> None:
    (pdu,) = dissect(bytes.fromhex(octets))
    assert (pdu.command, pdu.error) == ("deliver_sm", None), source
    assert pdu.message is not None
    assert pdu.message.text == text
    assert {tlv.name: tlv.value for tlv in pdu.tlvs if tlv.name in tlvs} == tlvs


@pytest.mark.parametrize(
    ("source", "octets", "code", "octet"),
    [
        ("smpp.pdu", "0000000f000000060000000000000000", "length-too-short", 0),
        ("smpp.pdu", "00000011000000060000000000000000ff", "trailing-octets", 16),
        ("smpp.pdu", "000000fd80000009000000000000000154534937353838000210000134", "length-too-long", 0),
        ("smpp.pdu", "0000001c80000009000000000000000154534937353838000210000134", "tlv-cut-off", 24),
        ("smpp.pdu", "0000001b8000000900000000000000015453493735383800021000", "trailing-octets", 24),
        ("cloudhopper", "000000", "header-cut-off", 0),
        ("cloudhopper", "00000010", "header-cut-off", 0),
        ("cloudhopper", "0000001000000015000000000a342e", "header-cut-off", 0),
        ("cloudhopper", "F000001100000110000000000a342ee7", "length-too-long", 0),
        ("cloudhopper", "0000001000000110000000000a342ee7", "unknown-command", 4),
        ("cloudhopper", "0000001180000004000000000a342ee139", "no-nul", 16),
        (
            "cloudhopper",
            "00000039000000050000000000000001000101393939393139393134353933000000363436340000000000000000080010"
            "c1e1e9edf3faf1fc",
            "truncated",
            49,
        ),
    ],
)
def test_a_published_broken_pdu_is_broken_where_it_is(source: str, octets: str, code: str, octet: int) -> None:
    fault = dissect(bytes.fromhex(octets))[0].error
    assert fault is not None, source
    assert (fault.code, fault.octet) == (code, octet)


def test_an_unknown_command_stops_nobody() -> None:  # cloudhopper: decodeBadPduButSkipAllDataInBuffer
    first, second = dissect(bytes.fromhex("0000001100000110000000000a342ee70F0000001000000015000000000a342ee7"))
    assert first.error is not None
    assert (second.command, second.sequence_number, second.error) == ("enquire_link", 171192039, None)


@pytest.mark.parametrize(
    ("octets", "tlvs"),
    [
        (
            "00000052000001030000000000000001475554530006013136382E302E302E310005043139322E3136382E312E310000051F"
            "020F000138038100120101046D795F63616C6C6261636B5F6E756D0006000106",
            {
                "sar_segment_seqnum": 56,
                "callback_num": {"digit_mode": 1, "ton": 1, "npi": 4, "number": "my_callback_num"},
            },
        ),
        (
            "0000003C000001030000000000000001434D540005043139322E3136382E312E3100030A3139322E3136382E312E3100C000"
            "7F061300050000002272",
            {"dest_addr_np_country": 8818},
        ),
        (
            "00000072000000050000000000000001434D540000063139322E3136382E312E310006013136382E302E302E310010010039"
            "39303432373230303030303030302B0039393035323631393536303030303052000401FF070754686973206973060E000F33"
            "3131323430303230303530323400",
            {"dest_network_id": "31124002005024"},
        ),
        (
            "00000055800000050000000000000001746869735F636F756C645F62655F615F6D6573736167655F696400001D001F6D795F"
            "6164646974696F6E616C5F7374617475735F696E666F5F746578740004230003053832",
            {
                "additional_status_info_text": "my_additional_status_info_text",
                "network_error_code": {"network_type": 5, "error_code": 14386},
            },
        ),
    ],
)
def test_the_tlvs_of_smpp_parser_s_samples_read_as_it_reads_them(octets: str, tlvs: dict[str, Any]) -> None:
    (pdu,) = dissect(bytes.fromhex(octets))
    assert pdu.error is None
    assert {tlv.name: tlv.value for tlv in pdu.tlvs if tlv.name in tlvs} == tlvs
