"""Names of people who do not exist: surnames and given names by sex and age, shuffled with a fixed seed."""

from collections.abc import Iterator
from random import Random
from typing import NamedTuple

# fmt: off
SURNAMES = (
    "陈 李 张 王 刘 杨 周 吴 黄 何 罗 唐 谭 邓 冉 田 秦 向 彭 蒋 廖 程 夏 曾 任 冯 余 谢 石 汪 段 钟 龙 "
    "文 郑 袁 蔡 贾 卢 熊 魏 付 赖 代 范 姚 易 邹 况 雷 万 白 江 牟 古 申 苟 胡 郭 孙 朱 徐 高 林 马 宋 "
    "梁 韩 董 萧 叶 杜 苏 吕 丁 沈 傅 崔 陆 孟 金 史 侯 邵 毕 尹 黎 左 涂 阳 敖 幸 晏 简 封 庞 戚 柏 骆 "
    "桂 翁"
)
MEN = {
    "old": (
        "建国 德明 光荣 兴华 世忠 明远 永福 正才 国清 开贵 先荣 昌林 德厚 仕权 绍文 克俭 继先 祖德 孝全 "
        "中和 长庚 庆余 家骥"
    ),
    "mid": (
        "志强 国平 建军 永川 晓峰 洪涛 文彬 世平 伟民 朝阳 树林 长青 云飞 春江 启明 江涛 立新 方正 学文 "
        "宏伟 卫东 成刚 大勇 光耀 显明 家荣 永刚 剑锋 宗平 明亮 正华 兴隆 克勤 维佳 定国 安平 向东 忠良 "
        "海波 守信 治平 廷玉 远航 厚德 敬之 思源 景行 明德 继业 泽宇 汉生 渝生 川江 砚秋 启元"
    ),
    "young": (
        "浩然 宇航 俊杰 一鸣 思远 子轩 瑞阳 鹏程 文韬 博文 凯 磊 涛 鑫 睿 晨 翔 昊天 铭泽 嘉树 亦凡 承宇 "
        "逸飞 泽楷 昱辰 梓涵 伟杰 志豪 天佑 振宇 立诚 书恒 明轩 家豪 卓 骁 澄 彦霖 沛然 屹 煜 竞舟 启航 "
        "景澄 一航 晓舟 牧之 知行 渡 望川 望舒 予安 时雨 行简 守拙 修远 云起 弘毅 致远 敏行"
    ),
}
WOMEN = {
    "old": (
        "桂兰 秀英 玉珍 淑芬 素华 德芳 光碧 世琼 明惠 朝芬 先碧 永珍"
    ),
    "mid": (
        "晓燕 丽萍 红梅 海英 春燕 雪梅 文静 玉兰 惠敏 晓蓉 素芳 碧波 小琴 代容 利娟 群英 静宜 晓岚 亚琴 "
        "渝红 敏 静 蓉 琳 霞 莉 娅 筱筠 映秋 淑贤 海棠 竹君 茂琼 月华"
    ),
    "young": (
        "雨晴 思琪 婷婷 佳怡 欣然 诗雨 晓彤 雅雯 梦洁 心怡 可欣 雨桐 子萱 若曦 佳颖 一诺 婉清 书瑶 清扬 "
        "沐晴 知微 念慈 采薇 南絮 听澜 溪月 禾 玥 妍 菁 倩 悦 茜 颖 瑜 蕾 蔚然 映雪 夏荷 锦书 若水"
    ),
}
# fmt: on
# Names that a system stumbles over: rare characters, a surname of two characters, a name with a middle dot.
SPECIAL: tuple[tuple[str, str, str], ...] = (
    ("韦镕", "男", "壮族"),
    ("罗堃", "男", "汉族"),
    ("邱喆", "男", "汉族"),
    ("贺珺", "女", "汉族"),
    ("蒋璟", "女", "汉族"),
    ("龚䶮", "男", "汉族"),
    ("袁㛃", "女", "苗族"),
    ("伍燊", "男", "汉族"),
    ("古丽娜尔·艾则孜", "女", "维吾尔族"),
    ("欧阳若溪", "女", "汉族"),
    ("上官景明", "男", "汉族"),
    ("单宜安", "男", "汉族"),
    ("仇雁", "女", "汉族"),
    ("桑吉卓玛", "女", "藏族"),
)


class Name(NamedTuple):
    """A name with the sex that goes with it."""

    text: str
    sex: str


class Names:
    """Hands out names, each once, by age group (`old`, `mid`, `young`)."""

    def __init__(self) -> None:
        self._random = Random("姓名")
        self._surnames = self._round(SURNAMES.split())
        self._given = {
            (sex, age): self._round(pool.split())
            for sex, pools in (("男", MEN), ("女", WOMEN))
            for age, pool in pools.items()
        }
        self._taken: set[str] = set()

    def _round(self, pool: list[str]) -> Iterator[str]:
        while True:
            yield from self._random.sample(pool, len(pool))

    def next(self, age: str, sex: str) -> Name:
        """The next name of that age and sex."""
        while True:
            text = next(self._surnames) + next(self._given[sex, age])
            if text not in self._taken:
                self._taken.add(text)
                return Name(text, sex)
