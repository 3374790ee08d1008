import { describe, expect, it } from "vitest";
import catalogue from "../../words/zh-CN.declarations.json";
import { refusal, remark } from "../src/model/library/reasons";
import { translator } from "../src/studio/translate";

const chinese = translator(catalogue);

const REFUSALS = [
  ["conv1 (Conv2D): data_format: Conv2D has nothing for the value 'channels_first'.", "conv1（Conv2D）：data_format：Conv2D 不支持值 'channels_first'。"],
  ["inner/twice (Lambda): it holds Python code, which is never run. Write what it does with blocks, such as Rescaling or Activation.", "inner/twice（Lambda）：其中含有绝不会被运行的 Python 代码。请用模块写出它所做的事，例如 Rescaling 或 Activation。"],
  ["steps (TimeDistributed): the Dense inside: activation: its activation is of the class LeakyReLU; let it stand behind the layer as one of its own.", "steps（TimeDistributed）：内部的 Dense：activation：它的激活函数是类 LeakyReLU 的对象；请让其作为单独的一层位于该层之后。"],
  ["flatten (Dense): Dense: invalid units. Expected: a whole number of at least 1. Received: 0. The nearest allowed value is 1.", "flatten（Dense）：Dense：units 无效。应为：不小于 1 的整数。收到：0。最接近的允许值为 1。"],
  ["rnn (RNN): cell: there is no cell Own here.", "rnn（RNN）：cell：此处没有名为 Own 的循环单元。"],
  ["a (Sin): there is no block for this function.\nmy layer? (Own): it is no layer of Keras, and code from elsewhere is never run.", "a（Sin）：没有与此函数对应的模块。\nmy layer?（Own）：它不是 Keras 的层，而外来代码绝不会被运行。"],
  ["This is not the configuration of a Keras 3 model: the calls of 'a' are written as by Keras 2. Load the file with Keras 3 and save it again as .keras.", "这不是 Keras 3 模型的配置：'a' 的调用采用 Keras 2 的写法。请用 Keras 3 加载该文件，并重新保存为 .keras。"],
  ["net.keras is not a .keras file: it holds no config.json. Save the model again with model.save('model.keras') in Keras 3.", "net.keras 不是 .keras 文件：其中没有 config.json。请在 Keras 3 中用 model.save('model.keras') 重新保存模型。"],
  ["config.json is not JSON: NaN is no number.", "config.json 不是 JSON：NaN 不是数。"],
  ["mine.yaml: There is no preset named 'LeNet'.", "mine.yaml：没有名为 'LeNet' 的预设。"],
] as const;

const REMARKS = [
  ["a, b, c, d, e and 3 more: its own seed is left out: chance follows the seed of the training.", "a, b, c, d, e 以及另外 3 个：它自己的随机种子已略去：随机性由训练的种子决定。"],
  ["linear: it computes in float32 here, not in mixed_float16.", "linear：此处以 float32 计算，而不是 mixed_float16。"],
  ["1st layer/kernel: the file has 3 x 4, the network one number; it starts anew.", "1st layer/kernel：文件中：3 x 4，网络中：一个数；它将重新初始化。"],
  ["all weights: the network can't be built yet. conv1: It is part of a cycle. Remove one of the edges that lead back.", "所有权重：网络暂时无法构建。conv1：它是环的一部分。请移除一条回头的连线。"],
  ["words: what it learned is not taken over: the weights of its words don't stand in the file; they are measured anew on the training data.", "words：它学到的内容没有带来：文件中没有各词的权重；将在训练数据上重新测量。"],
] as const;

describe("what an import says, in Chinese", () => {
  it.each(REFUSALS)("refuses with %s", (english, text) => {
    expect(refusal(english, chinese)).toBe(text);
    expect(chinese(text)).toBe(text); // the page's own line of refusals translates what it is given
  });
  it.each(REMARKS)("remarks %s", (english, text) => expect(remark(english, chinese)).toBe(text));
});

describe("what an import says, in English", () => {
  it("stays as it is", () => {
    for (const [english] of REFUSALS) expect(refusal(english)).toBe(english);
    for (const [english] of REMARKS) expect(remark(english)).toBe(english);
    for (const text of ["", "a {layer} (B): {kind}", "no colon"]) expect([refusal(text), remark(text)]).toEqual([text, text]);
  });
});

describe("what the weights of a file say, in Chinese", () => {
  it.each([
    ["pictures.zip holds no network. Expected: one SavedModel or one .keras file that was exported here, as a .zip.", "pictures.zip 中没有网络。应为：本程序导出的一个 SavedModel 或一个 .keras 文件的 .zip。"],
    ["mine.txt is no file of weights. Expected: a .keras file, a .weights.h5 file, the folder of a SavedModel that was exported here, or the .zip of an export.", "mine.txt 不是权重文件。应为：.keras 文件、.weights.h5 文件、本程序导出的 SavedModel 文件夹，或导出的 .zip。"],
    ["mine.zip is no SavedModel: saved_model.pb or its variables are missing. Expected: a .keras file, a .weights.h5 file, the folder of a SavedModel that was exported here, or the .zip of an export.", "mine.zip 不是 SavedModel：缺少 saved_model.pb 或其变量。应为：.keras 文件、.weights.h5 文件、本程序导出的 SavedModel 文件夹，或导出的 .zip。"],
    ["variables/variables.index in mine.zip is damaged. Download the export again, or zip it anew.", "mine.zip 中的 variables/variables.index 已损坏。请重新下载导出文件，或重新压缩。"],
    ["mine.zip holds a path that leads outside the archive (../x); such archives are not imported.", "mine.zip 含有指向压缩包之外的路径（../x）；不导入此类压缩包。"],
    ["mine.zip would unpack to 4,000,000,000 bytes, 1,000 times its size; more than 200 times is taken for an attack (limit `ratio`).", "mine.zip 解压后为 4,000,000,000 字节，是其大小的 1,000 倍；超过 200 倍视为攻击（限制 `ratio`）。"],
  ])("%s", (english, text) => expect(chinese(english)).toBe(text));
});

describe("why a network for pairs does not fit, in Chinese", () => {
  it("says what to import", () =>
    expect(chinese("Siamese learns which pictures show the same; 'label' is a class. Import class folders that become \"Pictures, same or not\" (by command: --kind verification).")).toBe(
      "Siamese 学习哪些图片内容相同；而 'label' 是类别。请导入按类别分的文件夹，数据类型选“图片：相同与否”（命令行：--kind verification）。",
    ));
});
