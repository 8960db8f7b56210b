"""A pasted Chinese address, in the forms in which people keep them."""

import pytest

from shop.web.ui.pasted import Pasted, parse

LIN = Pasted("林知远", "13800001234", "上海市", "长宁区", "", "愚园路1209号3室")
WANG = Pasted("王小明", "13900005678", "浙江省", "杭州市", "余杭区", "仓前街道文一西路969号")


@pytest.mark.parametrize(
    "text",
    (
        "林知远 13800001234 上海市长宁区愚园路 1209 号 3 室",
        "上海市长宁区愚园路1209号3室，林知远，138 0000 1234",
        "林知远13800001234上海市长宁区愚园路1209号3室",
        "上海市长宁区愚园路1209号3室林知远13800001234",
        "上海市 上海市 长宁区 愚园路1209号3室 林知远 +86 138-0000-1234",
        "上海市市辖区长宁区愚园路1209号3室 林知远 13800001234",
        "中国上海长宁区愚园路1209号3室；林知远；８６ １３８００００１２３４",
        "收件人:林知远\r\n联系电话:13800001234\r\n所在地区:上海市长宁区\r\n详细地址:愚园路1209号3室",
    ),
)
def test_the_same_address_in_many_hands(text):
    assert parse(text) == LIN


@pytest.mark.parametrize(
    "text",
    (
        "浙江省 杭州市 余杭区 仓前街道文一西路969号 王小明 13900005678",
        "王小明，13900005678，浙江省，杭州市，余杭区，仓前街道文一西路969号",
        "浙江杭州余杭区仓前街道文一西路969号 王小明 13900005678",
        "杭州市余杭区仓前街道文一西路969号 王小明 13900005678",
        "收货人：王小明\n手机号码：139-0000-5678\n所在地区：浙江省杭州市余杭区\n详细地址：仓前街道文一西路 969 号",
    ),
)
def test_three_levels(text):
    assert parse(text) == WANG


@pytest.mark.parametrize(
    ("text", "where"),
    (
        ("新疆维吾尔自治区伊犁哈萨克自治州伊宁市解放路1号 白云 18900001111",
         ("新疆维吾尔自治区", "伊犁哈萨克自治州", "伊宁市", "解放路1号")),
        ("广西南宁青秀区民族大道100号 陈晨 18800001111",
         ("广西壮族自治区", "南宁市", "青秀区", "民族大道100号")),
        ("内蒙古呼和浩特市新城区新华大街1号 白云 18900001111",
         ("内蒙古自治区", "呼和浩特市", "新城区", "新华大街1号")),
        ("吉林省吉林市船营区北京路1号 李雷 18900001111",
         ("吉林省", "吉林市", "船营区", "北京路1号")),
        ("广东省东莞市松山湖园区1号 张伟 13500003333", ("广东省", "东莞市", "", "松山湖园区1号")),
        ("浙江杭州临平区世纪大道168号 李雷 13700001111",
         ("浙江省", "杭州市", "临平区", "世纪大道168号")),
    ),
)  # fmt: skip
def test_regions_of_every_kind(text, where):
    found = parse(text)
    assert (found.province, found.city, found.district, found.street) == where
    assert found.name


@pytest.mark.parametrize(
    ("text", "name"),
    (
        ("陈先生 13800001234 上海市长宁区愚园路1号", "陈先生"),
        ("欧阳修文 13800001234 上海市长宁区愚园路1号", "欧阳修文"),
        ("北京市朝阳区建国路88号A座1203 Amelia Hart 13900001111", "Amelia Hart"),
        ("上海市长宁区愚园路1号", ""),
        ("13800001234", ""),
    ),
)
def test_names(text, name):
    assert parse(text).name == name


def test_landlines_and_postcodes():
    found = parse("重庆市渝北区红锦大道 1 号\n刘德\n023-67890123\n邮编 401147")
    assert (found.phone, found.postcode, found.street) == ("02367890123", "401147", "红锦大道1号")


@pytest.mark.parametrize(
    "text", ("", " ", "\0", "你好", "!!!" * 400, "省市区县" * 200, "1" * 900, "上海市" * 300)
)
def test_nothing_makes_it_fail(text):
    parse(text)


def test_what_is_not_understood_stays_in_the_street():
    assert parse("云山诗意人家三栋").street == "云山诗意人家三栋"
