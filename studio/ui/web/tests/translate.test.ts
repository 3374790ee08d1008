import { describe, expect, it } from "vitest";
import catalogue from "../../words/zh-CN.declarations.json";
import { translator } from "../src/studio/translate";

const native = translator({
  "Keeps the learning rate.": "保持学习率不变。",
  "{owner}: invalid {name}. Expected: {expected}. Received: {received}.": "{owner}：{name} 无效。应为：{expected}。收到：{received}。",
  "{block}: invalid groups. Expected: a divisor of the {count} channels. Received: {received}.": "{block}：groups 应为 {count} 的约数，收到：{received}。",
  "a whole number of at least {low}": "不小于 {low} 的整数",
  "The nearest allowed value is {value}.": "最接近的允许值为 {value}。",
  "It gets pixels from 0 to 255.": "它得到的是 0 到 255 的像素。",
});

describe("what the server says", () => {
  it("is looked up as a whole", () => {
    expect(native("Keeps the learning rate.")).toBe("保持学习率不变。");
  });

  it("takes values over, and translates those that are known", () => {
    expect(native("Conv2D: invalid filters. Expected: a whole number of at least 1. Received: 0.")).toBe("Conv2D：filters 无效。应为：不小于 1 的整数。收到：0。");
  });

  it("prefers the sentence with the most words of its own", () => {
    expect(native("Conv2D: invalid groups. Expected: a divisor of the 6 channels. Received: 4.")).toBe("Conv2D：groups 应为 6 的约数，收到：4。");
  });

  it("is put together from sentences, lines and the path of a node", () => {
    const advice = "Conv2D: invalid filters. Expected: a whole number of at least 1. Received: 0. The nearest allowed value is 1.";
    expect(native(`stage1/conv2: ${advice}`)).toContain("最接近的允许值为 1。");
    expect(native("image: It gets pixels from 0 to 255. Nobody knows this one.")).toBe("image：它得到的是 0 到 255 的像素。Nobody knows this one.");
    expect(native("It gets pixels from 0 to 255.\nKeeps the learning rate.")).toBe("它得到的是 0 到 255 的像素。\n保持学习率不变。");
  });

  it("stays as it is where nothing is known", () => {
    for (const text of ["", "Nobody knows. This one? Really!", "a.b: c", "{curly} braces (and) [more]\\"]) expect(native(text)).toBe(text);
  });

  it("comes to an end for a long text, too", () => {
    const text = "Something that no catalogue knows, with a value of 0.5. ".repeat(60);
    expect(translator(catalogue)(text)).toBe(text);
  });
});

describe("the Chinese catalogue", () => {
  const chinese = translator(catalogue);

  it.each([
    ["MLP: invalid units. Expected: whole numbers, such as 3 or 3, 3. Received: 'x'.", "MLP：units 无效。应为：整数，例如 3 或 3, 3。收到：'x'。"],
    ["All 40 epochs are done; the best was epoch 28.", "全部 40 轮已完成；最佳为第 28 轮。"],
    ["Stopped after step 1,200 (epoch 3 of 40). The last state is saved; the best weights are of epoch 2. Resume goes on exactly here.", "已停止于第 1,200 步（第 3/40 轮）之后。最后的状态已保存；最佳权重来自第 2 轮。“继续”将从此处接着训练。"],
    ["conv2: Conv2D: invalid filters. Expected: a whole number from 1 to 10,000,000. Received: 0. The nearest allowed value is 1.", "conv2：Conv2D：filters 无效。应为：1 到 10,000,000 的整数。收到：0。最接近的允许值为 1。"],
    ["TextLSTM takes texts; the dataset has pictures.", "TextLSTM 的输入为文本；数据集为图片。"],
    ["There is no preset named 'LeNet'. Did you mean 'LeNet5'?", "没有名为 'LeNet' 的预设。您是否想写 'LeNet5'？"],
    ["mine.yaml: There is no preset named 'LeNet'. Did you mean 'LeNet5'?", "mine.yaml：没有名为 'LeNet' 的预设。您是否想写 'LeNet5'？"],
    ["conv1: filters changed from 6 to 8.", "conv1：filters 由 6 改为 8。"],
    ["unit in the module Stem: kernel_size changed from [3, 3] to 5.", "模块 Stem 中的 unit：kernel_size 由 [3, 3] 改为 5。"],
    ["stage1/conv1: filters set to 3.", "stage1/conv1：filters 设为 3。"],
    ["conv1: strides taken out (it was 2), so that its default holds.", "conv1：去除了 strides（原为 2），因此采用默认值。"],
    ["pool (MaxPooling2D) was added.", "添加了 pool（MaxPooling2D）。"],
    ["The module Stem was renamed to Head.", "模块 Stem 已改名为 Head。"],
    ["conv1 was renamed to first.", "conv1 已改名为 first。"],
    ["conv2: its weights are frozen.", "conv2：其权重被冻结。"],
    ["The network's name changed from \"a\" to \"b\".", "网络名称由 \"a\" 改为 \"b\"。"],
    ["3 nodes were moved on the canvas.", "画布上移动了 3 个节点。"],
    ["Version 3 of 'Net' is damaged: nodes: Input should be a valid dictionary. Version 2 can be opened.", "'Net' 的第 3 版 已损坏：nodes: Input should be a valid dictionary。可以打开第 2 版。"],
    ["The network is nested too deeply; at most 60 levels can be read.", "该网络 嵌套过深；最多可读取 60 层。"],
    ["The name of a network can't be empty.", "网络的名称不能为空。"],
    ["The link is damaged: it is not what was packed. Copy it again, as a whole.", "链接已损坏：与打包的内容不符。请重新完整复制。"],
  ])("says %s", (english, text) => {
    expect(chinese(english)).toBe(text);
  });
});

describe("sentences that are put together from parts", () => {
  const native = translator(catalogue);
  it.each([
    ["output_1: It needs one input, but nothing is connected. Connect the block before it.", "output_1：它需要一个输入，但尚未连接。请连接它前面的块。"],
    ["both: It needs 1 to 3 inputs, but 4 are connected. Remove edges until 3 are left.", "both：它需要 1 到 3 个输入，但连接了 4 个。请移除连线直到剩下 3 条。"],
    ["a: It needs one input (the sequence) or 3 (then the state), but 2 are connected.", "a：它需要一个输入（序列）或 3 个（其后为状态），但连接了 2 个。"],
    ["The masks write their classes in ways that don't fit together: 1,200 in colours, 3 with palettes.", "各掩码表示类别的方式互不相容：1,200 个用颜色，3 个用调色板。"],
    ["The masks write their classes in ways that don't fit together: 2 in colours, 1 with palettes, 1 in grey values.", "各掩码表示类别的方式互不相容：2 个用颜色，1 个用调色板，1 个用灰度值。"],
    ["The target 'digit' (a category of 10 classes) needs an output of 10 units. The network has 1.", "目标 'digit'（10 个类别的分类）需要 10 个单元的输出。网络有 1 个。"],
    ["No column could be the target. Columns that hold dates: when. Columns that hold free text: note, a and 3 more. Name one, or check the table.", "没有可作为目标的列。其中存放日期的列：when。其中存放自由文本的列：note, a 以及另外 3 个。请指定一列，或检查表格。"],
    ["No column is left as an input for the target 'label'. Columns that have the same value in every row: x.", "没有可作为目标 'label' 的输入的列。其中每一行都相同的列：x。"],
    ["a.zip can't become segmentation. It could become: arrays, image-classification. Leave the kind out, or add other data.", "a.zip 不能作为 segmentation。它可以作为：arrays, image-classification。请不指定类型，或添加其他数据。"],
  ])("%s", (english, chinese) => expect(native(english)).toBe(chinese));
});
